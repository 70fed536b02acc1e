import type { Question } from '../run-record/index.js';

/** What one user may still ask for. A port: implemented above this module. */
export abstract class MessageBudget {
  /** Counts a message of its user. @throws AppError 429 `budget_exceeded`; then it is not counted. */
  abstract admit(message: Question): Promise<void>;
  /** A message that was admitted was not stored. Never rejects. */
  abstract giveBack(message: Question): Promise<void>;
}
