import type { Types } from 'mongoose';
import type { Question } from '../../run-record/index.js';

/** Matches only while the fencing token is the one that was read: nobody has taken the run since. */
export function unchanged(run: Question): {
  _id: Types.ObjectId;
  'run.open': boolean;
  'run.attempt': number;
} {
  return { _id: run._id, 'run.open': true, 'run.attempt': run.run.attempt };
}
