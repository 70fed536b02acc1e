import { Injectable } from '@nestjs/common';
import type { MessageDocument } from '../../run-record/index.js';
import { ApprovalsService, RunsService } from '../../runs/index.js';
import { A2aQuestions, type A2aCaller } from './questions.js';
import { decisionOf, type Decision, type Sent } from './requests.js';
import { invalidParams, notCancelable, RpcError, unsupported } from './rpc.js';
import { hasEnded, Tasks, type TaskSoFar } from './tasks.js';

/** The task that a message is for. */
export interface Addressed {
  question: MessageDocument;
  /** Calls that the message has decided: the log may not know it yet. */
  decided: ReadonlySet<string>;
}

/** What agents ask of this one. */
@Injectable()
export class A2aCalls {
  constructor(
    private readonly questions: A2aQuestions,
    private readonly runs: RunsService,
    private readonly approvals: ApprovalsService,
    private readonly tasks: Tasks,
  ) {}

  /** Takes a message: a new task, or the decision that a task waits for. @throws RpcError, AppError of `messages`. */
  async send(caller: A2aCaller, sent: Sent): Promise<Addressed> {
    const { message, configuration } = sent;
    if (configuration?.taskPushNotificationConfig != null)
      throw new RpcError(
        -32003,
        'Push notifications are not offered here.',
        'PUSH_NOTIFICATION_NOT_SUPPORTED',
      );
    if (message.taskId) return this.decide(caller, message, message.taskId);
    return { question: await this.questions.ask(caller, sent), decided: new Set() };
  }

  /** @throws RpcError -32001, -32002. */
  async cancel({ scope }: A2aCaller, id: string): Promise<MessageDocument> {
    const question = await this.tasks.questionOf(scope, id);
    const status = await this.runs.cancel(scope, question._id.toHexString());
    if (status === 'completed' || status === 'error' || status === 'cancelled') throw notCancelable(id);
    return question;
  }

  private async decide({ scope }: A2aCaller, message: Sent['message'], id: string): Promise<Addressed> {
    const question = await this.tasks.questionOf(scope, id);
    if (message.contextId && message.contextId !== question.chat_id)
      throw invalidParams(`contextId: task "${id}" belongs to another context.`);
    const so = await this.tasks.soFar(scope, question);
    if (so.asked.length === 0) throw notWaiting(id, so);
    const decision = decisionOf(message);
    const callId = callOf(decision, so);
    const { decision: verdict, reason, arguments: args } = decision;
    const given = { decision: verdict, reason, arguments: args };
    await this.approvals.decide(scope, question._id.toHexString(), { callId, ...given });
    return { question, decided: new Set([callId]) };
  }
}

function notWaiting(id: string, { task }: TaskSoFar): RpcError {
  if (hasEnded(task))
    return unsupported(`Task "${id}" has ended: send the message without taskId, in the same context.`);
  return unsupported(`Task "${id}" does not wait for input: send the message without taskId.`);
}

function callOf({ call_id }: Decision, { asked }: TaskSoFar): string {
  const [only, ...others] = asked;
  if (call_id === undefined && only && others.length === 0) return only.call_id;
  if (asked.some((call) => call.call_id === call_id)) return call_id as string;
  const ids = asked.map((call) => call.call_id).join(', ');
  throw invalidParams(`The task waits for decisions about ${ids}: name one as call_id in a data part.`);
}
