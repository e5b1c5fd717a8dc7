// The figures that this browser last showed to a user as seen, so that a later change of a past day is noticed.
//
// They are in localStorage by user name: a day and its PnL, never a login. At most MOST_DAYS days of MOST_USERS users are kept.

const NAME = "voltbook.seen";
const MOST_DAYS = 40;
const MOST_USERS = 8;

function readAll() {
  try {
    const found = JSON.parse(localStorage.getItem(NAME));
    return Array.isArray(found) ? found.filter((entry) => typeof entry?.user === "string" && typeof entry.days === "object") : [];
  } catch {
    return []; // a browser may refuse storage, and others may have written there
  }
}

// Returns { day: figure } of this user.
export function seenBy(user) {
  const figures = readAll().find((entry) => entry.user === user)?.days ?? {};
  return Object.fromEntries(Object.entries(figures).filter(([, figure]) => /^-?\d+\.\d{2}$/.test(figure)));
}

export function keepSeen(user, figures) {
  const newest = Object.entries(figures).sort().slice(-MOST_DAYS);
  if (!newest.length) return;
  const others = readAll().filter((entry) => entry.user !== user);
  const kept = [...others.slice(1 - MOST_USERS), { user, days: Object.fromEntries(newest) }];
  try {
    localStorage.setItem(NAME, JSON.stringify(kept));
  } catch {
    // full or refused: changes are then noticed only while the page is open
  }
}
