// A name without any trade is a typing mistake, not a trader with a PnL of zero.

import { Link } from "./link.jsx";
import { useLive } from "./live.js";
import { Live } from "./notices.jsx";
import { plusDays } from "./days.js";
import { nearest } from "./names.js";

const LOOKED_BACK_DAYS = 30;

// Shows `children()` unless the report of a chosen trader is empty and the book has no trade of that trader at all.
export function KnownTrader({ client, trader, isEmpty, until, refresh, known, children }) {
  const isAsked = trader !== null && isEmpty;
  const load = async (signal) => {
    if (await client.hasTrades(trader, { signal })) return { trader, isKnown: true };
    return { trader, isKnown: false, like: nearest(trader, await tradersUntil(client, until, known, signal)) };
  };
  const live = useLive(isAsked ? JSON.stringify([trader, until]) : null, load, refresh);
  if (!isAsked || (live.value?.trader === trader && live.value.isKnown)) return children();
  if (live.value?.trader !== trader && !live.lost && !live.refusal) return <p class="notice" role="status">{`Looking for ${trader}…`}</p>;
  return <Live live={live}>{({ like }) => <Unknown trader={trader} like={like} />}</Live>;
}

async function tradersUntil(client, until, known, signal) {
  const query = { start_day: plusDays(until, 1 - LOOKED_BACK_DAYS), end_day: until };
  const { traders } = await client.get("v1/reports/pnl", query, { signal });
  return [...new Set([...known, ...(traders ?? []).map((line) => line.label)])];
}

function Unknown({ trader, like }) {
  return (
    <div class="notice warn" role="status">
      <p>
        <strong>Unknown trader: </strong>
        {`the book has no trade of ${trader}.`}
      </p>
      {like.length > 0 && (
        <p>
          {"Did you mean "}
          {like.map((name, index) => (
            <span key={name}>
              {index > 0 && (index === like.length - 1 ? " or " : ", ")}
              <Link change={{ trader: name, hour: null, slot: null }} title={name}>{name}</Link>
            </span>
          ))}
          {"?"}
        </p>
      )}
    </div>
  );
}
