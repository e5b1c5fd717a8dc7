// All dialogs of the actions, by name: a bundle of its own.

import { AcceptDialog } from "./accept.jsx";
import { BookDialog } from "./book.jsx";
import { HistoryDialog } from "./history.jsx";
import { ImportDialog } from "./import.jsx";
import { UsersDialog } from "./users.jsx";
import { JumpDialog } from "../jump/jump.jsx";
import { RestoreDialog, WithdrawDialog } from "./withdraw.jsx";

export const DIALOGS = {
  accept: AcceptDialog,
  book: BookDialog,
  history: HistoryDialog,
  importFile: ImportDialog,
  jump: JumpDialog,
  restore: RestoreDialog,
  users: UsersDialog,
  withdraw: WithdrawDialog,
};
