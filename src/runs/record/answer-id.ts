import { createHash } from 'node:crypto';
import { Types } from 'mongoose';

const TIME_DIGITS = 8;
const ID_DIGITS = 24;

/**
 * The id of the answer to a question. Every attempt of the run finds the same, so that a worker which ends the run of
 * another one names the answer that was stored.
 */
export function answerIdOf(question: Types.ObjectId): Types.ObjectId {
  const id = question.toHexString();
  const rest = createHash('sha256').update(`answer:${id}`).digest('hex');
  return new Types.ObjectId(id.slice(0, TIME_DIGITS) + rest.slice(0, ID_DIGITS - TIME_DIGITS));
}
