// The key figures of a day or a range.

import { coverage } from "./coverage.js";
import { hasFees } from "./columns.js";
import { inShort, isUnknownLine } from "./completeness.js";
import * as format from "./format.js";
import { Amount } from "./table.jsx";
import { Term } from "./terms.jsx";
import { isUnvalued, whyUnvalued } from "./value.js";

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
        <Amount value={hour.total_eur} show={format.pnl} tone />
      </strong>
      <span class="note">EUR, {format.dayShort(hour.delivery_day)}</span>
    </p>
  );
}

// Bought, sold or the difference of both, with its mean price.
function Energy({ name, terms, value, show, children }) {
  return (
    <p class="pair" data-card={name}>
      <span class="note"><Term names={terms}>{name}</Term></span>
      <strong><Amount value={value} show={show} /></strong>
      <span class="note">MWh{children}</span>
    </p>
  );
}

const vwap = (price) => price !== null && <> · VWAP <Amount value={price} show={format.price} /></>;

function Made({ line, several }) {
  return (
    <>
      Realised <Amount value={line.realised_eur} show={format.pnl} />
      <br />
      Open <Amount value={line.unrealised_eur} show={format.pnl} />
      {isUnvalued(line) && <><br />{whyUnvalued(line, several)}</>}
    </>
  );
}

// Without trades and with missing files the amounts are unknown, not zero. `lines` are the hours of several days.
export function LineCards({ line, lines, best, worst, completeness }) {
  const isUnknown = isUnknownLine(completeness)(line);
  const shown = (show) => (isUnknown ? () => format.NONE : show);
  const without = isUnknown ? inShort(completeness) : "nothing traded";
  return (
    <dl class="cards">
      <Card name="Total" terms={["total_eur", "realised_eur", "unrealised_eur"]} value={line.total_eur} show={shown(format.pnl)} unit="EUR" tone size="large">
        {line.trades ? <Made line={line} several={Boolean(lines)} /> : without}
      </Card>
      <Card name="Cash" terms={["pnl_eur"]} value={line.pnl_eur} show={shown(format.pnl)} unit="EUR" tone size="medium">
        Earned minus spent; what is open has no value in it
        {line.trades > 0 && <Fees line={line} />}
      </Card>
      <Card name="Trades" value={line.trades} show={format.count} size="small">
        {isUnknown ? "booked so far" : <>{format.energy(line.traded_mwh)} MWh</>}
      </Card>
      <div class="card energy">
        <dt>Energy</dt>
        <dd>
          <Energy name="Bought" terms={["buy_mwh", "vwap"]} value={line.buy_mwh} show={shown(format.energy)}>{vwap(line.vwap_buy)}</Energy>
          <Energy name="Sold" terms={["sell_mwh", "vwap"]} value={line.sell_mwh} show={shown(format.energy)}>{vwap(line.vwap_sell)}</Energy>
          <Energy name="Net" terms={["net_mwh"]} value={line.net_mwh} show={shown(format.netEnergy)} />
        </dd>
      </div>
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
          <dt>Best and worst hour by Total</dt>
          <dd>
            <Hour name="Best hour" hour={best} />
            <Hour name="Worst hour" hour={worst} />
            {isUnvalued(line) && <span class="note">of those with a reference price</span>}
          </dd>
        </div>
      )}
    </dl>
  );
}

function Fees({ line }) {
  return (
    <>
      {hasFees(line) && (
        <span data-card="Fees"><br />Fees <Amount value={line.fees_eur} show={format.price} /> · after fees <Amount value={line.net_pnl_eur} show={format.pnl} /></span>
      )}
      {line.venues_without_rate.length > 0 && hasFees(line) && <><br />{`without those of ${line.venues_without_rate.join(", ")}`}</>}
    </>
  );
}
