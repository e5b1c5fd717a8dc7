// The key figures of today and tomorrow.

import { Card } from "../cards.jsx";
import * as format from "../format.js";
import { Amount } from "../table.jsx";
import { isNow, labelOf, stillOpen } from "./slots.js";
import { nameOf } from "./positions.jsx";

function Vwap({ price }) {
  return price === null ? "no VWAP" : <>VWAP <Amount value={price} show={format.price} /> EUR/MWh</>;
}

function Now({ slot }) {
  const reference = slot.reference?.price_eur_mwh;
  return (
    <Card name="In delivery now" value={slot.net_mw} show={format.netEnergy} unit="MW" size="medium">
      {labelOf(slot)}
      {reference ? `, reference ${format.price(reference)}` : ""}
    </Card>
  );
}

const QUARTERS_AHEAD = 16;

function Ahead({ days, now }) {
  const { mwh, rows, open } = stillOpen(days.flatMap(({ quarters }) => quarters), now, QUARTERS_AHEAD);
  return (
    <Card name="Open, next 4 hours" value={mwh} show={format.netEnergy} unit="MWh" size="medium">
      {`in ${format.count(open)} of the next ${format.plural(rows, "tradable quarter-hour")}`}
    </Card>
  );
}

// On the wall nothing can be pressed, so its names have no definitions.
export function Figures({ days, today, now, isWall = false }) {
  const terms = (...names) => (isWall ? undefined : names);
  const [first, second] = days;
  const current = first.quarters.find((slot) => isNow(slot, now));
  const name = nameOf(first.day, today);
  return (
    <dl class="cards">
      {current && <Now slot={current} />}
      {current && <Ahead {...{ days, now }} />}
      {days.map((of) => {
        const { mwh, rows, open } = stillOpen(of.quarters, now);
        return (
          <Card key={of.day} name={`Open, ${nameOf(of.day, today)}`} value={mwh} show={format.netEnergy} unit="MWh" size={of === first ? "large" : "medium"}>
            {rows ? `still tradable: in ${format.count(open)} of ${format.plural(rows, "quarter-hour")}` : "nothing is tradable any more"}
          </Card>
        );
      })}
      <Card name="Bought" terms={terms("buy_mwh", "vwap")} value={first.total.buy_mwh} show={format.energy} unit="MWh" size="medium">
        <Vwap price={first.total.vwap_buy_eur_mwh} />
      </Card>
      <Card name="Sold" terms={terms("sell_mwh", "vwap")} value={first.total.sell_mwh} show={format.energy} unit="MWh" size="medium">
        <Vwap price={first.total.vwap_sell_eur_mwh} />
      </Card>
      <Card name="Cash" terms={terms("cash")} value={first.total.cash_eur} show={format.pnl} unit="EUR" tone size="large">
        {`so far, ${format.plural(first.total.trades, "trade")} for ${name}`}
        {second && <>, {nameOf(second.day, today)} <Amount value={second.total.cash_eur} show={format.pnl} tone /> EUR</>}
      </Card>
    </dl>
  );
}
