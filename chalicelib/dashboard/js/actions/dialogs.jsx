// All dialogs of the actions, by name: a bundle of its own.

import { BookDialog } from "./book.jsx";
import { HistoryDialog } from "./history.jsx";
import { RestoreDialog, WithdrawDialog } from "./withdraw.jsx";

export const DIALOGS = {
  book: BookDialog,
  history: HistoryDialog,
  restore: RestoreDialog,
  withdraw: WithdrawDialog,
};
