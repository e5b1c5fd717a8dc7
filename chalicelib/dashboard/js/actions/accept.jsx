// Accepting what is open of a file day, with all that would change in sight. Exactly what is shown is accepted, or nothing.

import { FILE_SECONDS } from "../client.js";
import { CHANGES } from "../files/changes.js";
import { prefixOf } from "../files/feeds.js";
import { sum } from "../exact.js";
import * as format from "../format.js";
import { useLive } from "../live.js";
import { Live } from "../notices.jsx";
import { Amount, Table } from "../table.jsx";
import { Buttons, Dialog, Done, Message, useSending } from "./form.jsx";

const NOW = {
  absent: "The day is no longer awaited.",
  importing: "The file is accepted, and its import continues. Accept it again when it has ended.",
  provisional: "The file is imported. Its quarantined rows are still open: accept it again to leave them out.",
};

export function AcceptDialog({ client, day, feed, onDone, onRefused, onClose }) {
  const path = `v2/files/${feed}/${day}/acceptance`;
  const live = useLive(path, (signal) => client.get(path, {}, { signal }), { once: true, onRefused });
  const sending = useSending({ onDone, onRefused });
  const isOutdated = sending.message !== null && !live.asking;
  return (
    <Dialog title={`Accept the ${prefixOf(feed)}file of ${format.day(day)}`} wide onClose={onClose}>
      {(close) => {
        if (sending.result) return <Accepted {...sending.result} close={close} />;
        return (
          <form
            ref={sending.form}
            onSubmit={(event) => {
              event.preventDefault();
              sending.run(() => client.post(path, { token: live.value.token }, {}, { seconds: FILE_SECONDS }));
            }}
          >
            <Live live={live}>{(proposal) => <Proposal {...proposal} />}</Live>
            <Message text={sending.message} />
            {isOutdated && <p><button type="button" onClick={() => [sending.reset(), live.again()]}>Read it again</button></p>}
            <Buttons asking={sending.asking} verb="Accept" doing="Accepting…" close={close} isDisabled={live.value === null} />
          </form>
        );
      }}
    </Dialog>
  );
}

function Proposal({ steps, changes, more_changes }) {
  const effect = sum(changes.map((change) => change.effect_eur ?? "0.00"));
  return (
    <>
      <p>Accepting will:</p>
      <ul class="steps">{steps.map((step) => <li key={step}>{step}</li>)}</ul>
      {changes.length > 0 && (
        <>
          <Table caption="What would change" columns={CHANGES} rows={changes} tall />
          <p class="sum">
            {`${format.plural(changes.length, "trade")}, effect `}
            <Amount value={effect} show={format.pnl} tone />
            {` EUR${more_changes ? `, and ${format.plural(more_changes, "further change")} not listed here` : ""}`}
          </p>
        </>
      )}
      {changes.length === 0 && <p>No booked trade changes.</p>}
    </>
  );
}

function Accepted({ state, close }) {
  return (
    <Done close={close}>
      <p>{NOW[state] ?? `The file is accepted; it is ${state} now.`}</p>
    </Done>
  );
}
