// The buttons of the actions and the dialog that is open. The dialogs are loaded with the first one that is opened.

import { useEffect, useRef, useState } from "preact/hooks";
import { changed, draftOf, forgetDraft, keepDraft, may, onOpen, openAction } from "./open.js";

let library = null;
const dialogs = () => (library ??= import("./dialogs.jsx"));

export function Actions({ client, me, onDone, onRefused }) {
  const [open, setOpen] = useState(() => draftOf(me.name));
  const [Dialog, setDialog] = useState(null);
  const [message, setMessage] = useState(null);
  useEffect(() => {
    if (open === null) return;
    setMessage(null);
    dialogs().then(
      (loaded) => setDialog(() => loaded.DIALOGS[open.kind]),
      () => {
        library = null;
        setOpen(null);
        setMessage("This part of the page could not be loaded. Try again, or reload the page.");
      },
    );
  }, [open]);
  // A dialog may have replaced another; the focus goes back to where the first one was opened.
  const opener = useRef(null);
  useEffect(() => onOpen((action) => {
    if (!document.activeElement.closest("dialog")) opener.current = document.activeElement;
    setOpen(action);
  }), []);
  const close = () => {
    forgetDraft();
    opener.current?.focus();
    setOpen(null);
    setDialog(null);
  };
  const allowed = may(me);
  return (
    <div class="tools">
      {message && <span role="alert">{message}</span>}
      {allowed.book && <Opener kind="book">Book a trade</Opener>}
      {allowed.change && <Opener kind="importFile">Import a file</Opener>}
      {allowed.manage && <Opener kind="users">Users</Opener>}
      {open && Dialog && (
        <Dialog
          {...{ client, me, onRefused }}
          onDone={() => [onDone(), changed()]}
          {...open.given}
          initial={open.values ?? {}}
          keep={(values) => keepDraft(me.name, open.kind, open.given, values)}
          onClose={close}
        />
      )}
    </div>
  );
}

function Opener({ kind, children }) {
  return <button type="button" aria-haspopup="dialog" onClick={() => openAction(kind)}>{children}</button>;
}
