import type { ChatModel, ModelMessage, ModelSampling, ModelTool } from '../../models/index.js';
import type { RunEmitter } from '../run-emitter.js';
import type { NamedRun } from '../watch/run-about.js';
import type { TurnOutput } from './turn-receiver.js';

/** What one model turn needs. */
export interface TurnInput {
  messages: readonly ModelMessage[];
  tools: ModelTool[];
  /** The models to ask, in this order: the next one continues when one fails. Default: the deployment's. */
  chain?: readonly ChatModel[] | undefined;
  /** Default: each provider's. */
  sampling?: ModelSampling | undefined;
  /** False: at most one tool call in the turn. */
  parallel_tool_calls?: boolean | undefined;
  output: TurnOutput;
  emitter: RunEmitter;
  /** The run, for those who watch it. */
  run: NamedRun & { agent?: string };
  signal: AbortSignal;
}
