import { asJsonObject, isCleanText, isJsonObject } from '../../../common/index.js';
import { wrong } from './question.js';

/** What a person has decided about a call. */
export interface Decision {
  readonly decision: 'approve' | 'reject';
  readonly reason?: string | undefined;
  readonly arguments?: Readonly<Record<string, unknown>> | undefined;
}

const REASON_MAX_CHARS = 2000;
const FORMS =
  'must be {"decision": "approve" or "reject", "reason"?, "arguments"?} or {"decisions": [{"type": "approve", "edit" or "reject"}]}';

/**
 * The decisions in `command.resume`, for the calls of an interrupt in their order.
 * @param ids of interrupts that may be named: `{[id]: answer}`.
 * @param calls how many calls wait for one.
 * @throws AppError 400 `validation_failed` that names the field.
 */
export function decisionsIn(
  resume: unknown,
  { ids, calls }: { ids: readonly string[]; calls: number },
): Decision[] {
  const answer = named(resume, ids);
  const list = listIn(answer);
  if (list === undefined) return Array.from({ length: calls }, () => decisionOf(answer, 'command.resume'));
  if (list.length === 0 || list.length > calls)
    throw wrong('command.resume.decisions', `must have one decision for each call: ${calls}`);
  return list.map((one, index) => decisionOf(one, `command.resume.decisions.${index}`));
}

/** The answer to an interrupt that is named. */
function named(resume: unknown, ids: readonly string[]): unknown {
  if (!isJsonObject(resume)) return resume;
  const [id] = Object.keys(resume);
  return id !== undefined && ids.includes(id) ? resume[id] : resume;
}

function listIn(answer: unknown): unknown[] | undefined {
  const list = isJsonObject(answer) ? answer['decisions'] : answer;
  return Array.isArray(list) ? list : undefined;
}

function decisionOf(given: unknown, field: string): Decision {
  if (given === true || given === 'approve') return { decision: 'approve' };
  if (given === false || given === 'reject') return { decision: 'reject' };
  if (!isJsonObject(given)) throw wrong(field, FORMS);
  const kind = given['decision'] ?? given['type'];
  switch (kind) {
    case 'approve':
    case 'accept':
      return approved(given['arguments'], field);
    case 'edit':
      return approved(editedIn(given), field);
    case 'reject':
    case 'ignore':
    case 'response': {
      const reason = given['reason'] ?? given['message'] ?? (kind === 'response' ? given['args'] : undefined);
      return rejected(reason, field);
    }
    default:
      throw wrong(field, FORMS);
  }
}

/** `edited_action` of LangChain's middleware, `args` of the agent inbox. */
function editedIn(given: Readonly<Record<string, unknown>>): unknown {
  const edited = asJsonObject(given['edited_action'] ?? given['editedAction'] ?? given['args']);
  return edited?.['args'] ?? given['arguments'] ?? null;
}

function approved(changed: unknown, field: string): Decision {
  if (changed === undefined) return { decision: 'approve' };
  if (!isJsonObject(changed)) throw wrong(field, 'must have the arguments that are to be used as an object');
  return { decision: 'approve', arguments: changed };
}

function rejected(reason: unknown, field: string): Decision {
  if (reason === undefined || reason === null || reason === '') return { decision: 'reject' };
  const isReason = typeof reason === 'string' && isCleanText(reason) && reason.length <= REASON_MAX_CHARS;
  if (!isReason || reason.trim() === '')
    throw wrong(field, `must have a reason that is a text of up to ${REASON_MAX_CHARS} characters`);
  return { decision: 'reject', reason };
}
