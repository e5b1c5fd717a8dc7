// What a typed text can mean, as entries: { key, text, note, change } of the place to go to.

import { tradeAt } from "../address.js";
import { dayOf, today } from "../days.js";
import * as format from "../format.js";
import { termsOf } from "../actions/terms.js";
import { daysOf } from "./days.js";

const VIEWS = { today: "Today", day: "Day", range: "Range", trades: "Trades", files: "Files" };
const MOST_TRADERS = 8;
const NOTHING_OPEN = { hour: null, slot: null, file: null, trade: null };

const entry = (key, text, note, change) => ({ key, text, note, change: { ...NOTHING_OPEN, ...change } });

function dayEntries(day, views) {
  const name = format.day(day);
  const isPast = day < today();
  const positions = entry(`today ${day}`, name, "Open positions", { view: "today", from: day === today() ? null : day });
  const figures = entry(`day ${day}`, name, "Day", { view: "day", day });
  const trades = entry(`trades ${day}`, name, "Trades", { view: "trades", day });
  const file = entry(`files ${day}`, name, "File", { view: "files", file: day });
  return [...(isPast ? [figures, positions] : [positions, figures]), trades, ...(views.includes("files") && isPast ? [file] : [])];
}

// The files view is of no trader.
const viewAfter = (view) => (view === "files" ? { view: "day" } : {});

// Names that begin with the text come before those that contain it.
function traderEntries(wanted, known, view) {
  const found = known.filter((id) => id.toLowerCase().includes(wanted));
  const first = found.filter((id) => id.toLowerCase().startsWith(wanted));
  const names = [...new Set([...first, ...found])].slice(0, MOST_TRADERS);
  return names.map((id) => entry(`trader ${id}`, id, "Trader", { trader: id, ...viewAfter(view) }));
}

// `trades` are those that have the typed id; null before the API has answered.
export function entriesOf(typed, { views, view, known, mayChoose, trader, trades }) {
  const wanted = typed.trim().toLowerCase();
  const tabs = views.filter((name) => VIEWS[name].toLowerCase().startsWith(wanted)).map((name) => entry(name, VIEWS[name], "View", { view: name }));
  if (wanted === "") return [...tabs, ...(mayChoose && trader !== null ? [entry("desk", "Whole desk", "Trader", { trader: null })] : [])];
  const desk = mayChoose && "whole desk".includes(wanted) ? [entry("desk", "Whole desk", "Trader", { trader: null })] : [];
  const ofIds = (trades ?? []).map((trade) =>
    entry(`trade ${tradeAt(trade)} ${trade.direction}`, trade.id, `${trade.withdrawn ? "Withdrawn trade" : "Trade"}, ${trade.venue}: ${termsOf(trade)}`, {
      view: "trades", day: dayOf(trade.delivery_start), trade: tradeAt(trade),
    }),
  );
  const days = daysOf(typed).flatMap((day) => dayEntries(day, views));
  const found = [...days, ...tabs, ...ofIds, ...(mayChoose ? [...desk, ...traderEntries(wanted, known, view)] : [])];
  // A trader without trades in this view is not known here.
  const isTrader = mayChoose && trades?.length === 0 && !known.includes(typed.trim());
  return isTrader ? [...found, { ...entry("as typed", typed.trim(), "Trader, as typed", { trader: typed.trim(), ...viewAfter(view) }), isGuess: true }] : found;
}
