// The key figures of a day or a range.

import { coverage } from "./coverage.js";
import { inShort, isUnknownLine } from "./completeness.js";
import * as format from "./format.js";
import { Amount } from "./table.jsx";
import { Term } from "./terms.jsx";

export function Card({ name, terms, value, show, unit, tone, size = "", children }) {
  return (
    <div class={`card ${size}`} data-card={name}>
      <dt>{terms ? <Term names={terms}>{name}</Term> : name}</dt>
      <dd>
        <span class="figure">
          <Amount value={value} show={show} tone={tone} />
          {unit ? <span class="unit"> {unit}</span> : null}
        </span>
        {children && <span class="note">{children}</span>}
      </dd>
    </div>
  );
}

// The edge of purchases or sales, per MWh and in EUR. Where some hours have no reference price, it is that of the others, in
// EUR; `lines` are the hours of several days.
function Side({ name, line, side, lines }) {
  const whole = line[`edge_${side}`];
  const { share, edge_eur } = lines ? coverage(lines, side) : { share: null, edge_eur: null };
  const covers = share === null ? null : ` on ${format.price(share)} % of the energy`;
  const isPart = whole === null && edge_eur !== null;
  return (
    <p class="pair" data-card={`Edge ${side}`}>
      <span class="note">{name}</span>
      <strong>
        <Amount value={isPart ? edge_eur : whole} show={format.pnl} tone />
      </strong>
      <span class="note">
        {isPart && <>EUR{covers}</>}
        {whole !== null && <>EUR/MWh · <Amount value={line[`edge_${side}_eur`]} show={format.pnl} /> EUR{covers}</>}
      </span>
    </p>
  );
}

function Hour({ name, hour }) {
  return (
    <p class="pair" data-card={name}>
      <span class="note">{format.slot(hour.label)}</span>
      <strong>
        <Amount value={hour.pnl_eur} show={format.pnl} tone />
      </strong>
      <span class="note">EUR, {format.dayShort(hour.delivery_day)}</span>
    </p>
  );
}

// Without trades and with missing files the amounts are unknown, not zero.
export function LineCards({ line, lines, best, worst, completeness }) {
  const isUnknown = isUnknownLine(completeness)(line);
  const shown = (show) => (isUnknown ? () => format.NONE : show);
  return (
    <dl class="cards">
      <Card name="PnL" terms={["pnl_eur", "realised"]} value={line.pnl_eur} show={shown(format.pnl)} unit="EUR" tone size="large">
        {line.eur_per_mwh === null ? inShort(completeness) : <><Amount value={line.eur_per_mwh} show={format.pnl} /> EUR/MWh traded</>}
      </Card>
      <Card name="Trades" value={line.trades} show={format.count}>
        {isUnknown ? "booked so far" : `${format.energy(line.traded_mwh)} MWh in total`}
      </Card>
      <Card name="Bought" terms={["buy_mwh", "vwap"]} value={line.buy_mwh} show={shown(format.energy)} unit="MWh" size="medium">
        <Vwap price={line.vwap_buy} />
      </Card>
      <Card name="Sold" terms={["sell_mwh", "vwap"]} value={line.sell_mwh} show={shown(format.energy)} unit="MWh" size="medium">
        <Vwap price={line.vwap_sell} />
      </Card>
      <Card name="Net" terms={["net_mwh"]} value={line.net_mwh} show={shown(format.netEnergy)} unit="MWh">bought minus sold</Card>
      <div class="card widest">
        <dt><Term names={["edge", "reference"]}>Edge against the reference price</Term></dt>
        <dd>
          <Side name="Buys" side="buy" {...{ line, lines }} />
          <Side name="Sales" side="sell" {...{ line, lines }} />
          {line.trades > 0 && line.hours_without_reference > 0 && (
            <span class="note">{`no reference price for ${format.plural(line.hours_without_reference, "hour")}`}</span>
          )}
        </dd>
      </div>
      {best && (
        <div class="card wide">
          <dt>Best and worst hour</dt>
          <dd>
            <Hour name="Best hour" hour={best} />
            <Hour name="Worst hour" hour={worst} />
          </dd>
        </div>
      )}
    </dl>
  );
}

function Vwap({ price }) {
  return price === null ? "no VWAP" : <>VWAP <Amount value={price} show={format.price} /> EUR/MWh</>;
}
