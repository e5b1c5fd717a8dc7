// Withdrawing a trade that was booked by mistake, with a reason, and putting it back.

import { useEffect, useState } from "preact/hooks";
import { Buttons, Dialog, Done, Message, NoPath, TextField, useSending } from "./form.jsx";
import { openAction } from "./open.js";
import { hasPath, pathOf, termsOf } from "./terms.js";

const REASON = 200;

export function WithdrawDialog({ client, trade, initial, keep, onDone, onRefused, onClose }) {
  const [reason, setReason] = useState(initial.reason ?? "");
  useEffect(() => keep({ reason }), [reason]);
  const sending = useSending({ fields: ["reason"], onDone, onRefused });
  const send = () => client.post(`${pathOf(trade)}/${trade.direction}/withdraw`, { reason, revision: trade.revision });
  return (
    <Dialog title="Withdraw a trade" onClose={onClose}>
      {(close) => {
        if (sending.result) return <Changed words="The trade is withdrawn. It stays in its history, with the reason." {...sending.result} {...{ close }} more={<RestoreButton {...sending.result.revision} />} />;
        if (!hasPath(trade)) return <NoPath trade={trade} command="withdraw" more={` --side ${trade.direction}`} />;
        return (
          <form ref={sending.form} onSubmit={(event) => submit(event, sending, send)}>
            <Terms trade={trade} />
            <TextField name="reason" label="Reason" value={reason} onInput={setReason} problem={sending.problems.reason} maxLength={REASON} required hint="Everybody who may read the trade sees it." />
            <Message text={sending.message} />
            <Buttons asking={sending.asking} verb="Withdraw" doing="Withdrawing…" close={close} isDanger />
          </form>
        );
      }}
    </Dialog>
  );
}

export function RestoreDialog({ client, trade, onDone, onRefused, onClose }) {
  const sending = useSending({ onDone, onRefused });
  const send = () => client.post(`${pathOf(trade)}/${trade.direction}/restore`, { revision: trade.revision });
  return (
    <Dialog title="Restore a trade" onClose={onClose}>
      {(close) => {
        if (sending.result) return <Changed words="The trade is in the book again." {...sending.result} close={close} />;
        return (
          <form ref={sending.form} onSubmit={(event) => submit(event, sending, send)}>
            <Terms trade={trade} />
            <Message text={sending.message} />
            <Buttons asking={sending.asking} verb="Restore" doing="Restoring…" close={close} />
          </form>
        );
      }}
    </Dialog>
  );
}

function RestoreButton({ trade, revision }) {
  return <button type="button" onClick={() => openAction("restore", { trade: { ...trade, revision } })}>Restore</button>;
}

function submit(event, sending, send) {
  event.preventDefault();
  sending.run(send);
}

function Terms({ trade }) {
  return <p class="terms">{`${trade.venue} ${trade.id}, revision ${trade.revision}: ${termsOf(trade)}.`}</p>;
}

function Changed({ words, revision, close, more }) {
  return (
    <Done {...{ close, more }}>
      <p>{words}</p>
      <p class="terms">{`${revision.trade.venue} ${revision.trade.id}, now revision ${revision.revision}.`}</p>
    </Done>
  );
}
