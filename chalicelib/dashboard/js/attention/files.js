// The files of the last days, read once for all who show them: the strip and the notifications of late files.

import { Refused } from "../client.js";
import { plusDays, today } from "../days.js";
import { feedsOfTrades, filesOf } from "../files/feeds.js";

export const FILE_DAYS = 10;
const FEEDS_MILLISECONDS = 600_000;

// `read` returns [{ feed, receipts }] of each feed of trades, which also goes to those who `follow`, as what was read last does.
export function sharedFiles(client) {
  const followers = new Set();
  let newest = null, feeds = null, feedsAt = 0;

  async function read(signal) {
    if (feeds === null || Date.now() - feedsAt > FEEDS_MILLISECONDS) {
      feeds = await feedsOfTrades(client, signal);
      feedsAt = Date.now();
    }
    const range = { start_day: plusDays(today(), 1 - FILE_DAYS), end_day: today() };
    const of = async (feed) => ({ feed, receipts: (await allowed(filesOf(client, feed.name, range, signal))) ?? [] });
    newest = await Promise.all(feeds.map(of));
    for (const follower of followers) follower(newest);
    return newest;
  }

  function follow(follower) {
    followers.add(follower);
    if (newest) follower(newest);
    return () => followers.delete(follower);
  }

  return { read, follow };
}

// A list may be refused as too long, and a feed may be gone; the day's own view then shows it.
export async function allowed(answer) {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused && error.status === 400) return null;
    throw error;
  }
}
