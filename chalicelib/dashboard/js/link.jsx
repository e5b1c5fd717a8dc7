// A real link within the page: it can be copied, and opened in another tab. A plain click stays in the page.

import { tradeAt, useNavigation, write } from "./address.js";
import { arrive } from "./focus.js";
import { berlinDay } from "./format.js";

// `change` is what becomes different in the current view; the focus follows if it `arrives`. `onPick` runs before.
export function Link({ change, arrives = false, onPick, children, ...more }) {
  const { place, go } = useNavigation();
  const clicked = (event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onPick?.();
    if (arrives) arrive();
    go(change);
  };
  return <a {...more} href={write({ ...place, ...change })} onClick={clicked}>{children}</a>;
}

// Where there is little room an id is cut in its middle: ids of one venue differ at their end.
const END = 7;

function Cut({ text }) {
  const letters = [...text];
  return <span class="cut"><span>{letters.slice(0, -END).join("")}</span><span>{letters.slice(-END).join("")}</span></span>;
}

// To the history of a trade, over the trades of its day.
export function TradeLink({ trade }) {
  return <Link change={{ view: "trades", day: berlinDay(trade.delivery_start), trade: tradeAt(trade) }} title={trade.id}><Cut text={trade.id} /></Link>;
}
