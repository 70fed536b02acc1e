import type { EventBody } from '@reprise/protocol';
import { EventSink, type Substitutes } from '../agent/index.js';
import {
  ChatModel,
  ModelError,
  type ContextWindow,
  type ModelDelta,
  type ModelRequest,
  type ModelToolCall,
} from '../models/index.js';
import { ToolError, type ToolResult } from '../tools/index.js';
import type { Recording } from './recording.js';
import { signatureOf, type Turn } from './turns.js';

/** A log that is kept in memory. */
export class MemorySink extends EventSink {
  readonly bodies: EventBody[] = [];

  override emit(body: EventBody): Promise<void> {
    this.bodies.push(body);
    return Promise.resolve();
  }
}

/** Says what was said in a recorded run. */
class RecordedModel extends ChatModel {
  override readonly name = 'recorded';

  constructor(private readonly next: () => Turn | undefined) {
    super();
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous
  override async *stream(): AsyncGenerator<ModelDelta> {
    const turn = this.next();
    if (!turn)
      throw new ModelError('recording_ended', 'The recorded run had no further turn.', { retryable: false });
    if (turn.text !== '') yield { type: 'text', text: turn.text };
    for (const call of turn.calls) yield { type: 'tool_call', call };
    yield { type: 'finish', reason: turn.calls.length > 0 ? 'tool_calls' : 'stop' };
  }

  override check(): Promise<{ ok: boolean; detail: string }> {
    return Promise.resolve({ ok: true, detail: 'recorded' });
  }
}

/** Notes what another model says. */
class HeardModel extends ChatModel {
  override readonly name: string;

  constructor(
    private readonly model: ChatModel,
    private readonly parent: string | undefined,
    private readonly heard: Turn[],
  ) {
    super();
    this.name = model.name;
  }

  override get ref(): string {
    return this.model.ref;
  }

  override async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelDelta> {
    const turn: Turn = { parent: this.parent, text: '', calls: [] };
    for await (const delta of this.model.stream(request, signal)) {
      if (delta.type === 'text') turn.text += delta.text;
      if (delta.type === 'tool_call') turn.calls.push(delta.call);
      if (delta.type === 'finish') this.heard.push(turn);
      yield delta;
    }
  }

  override check(): Promise<{ ok: boolean; detail: string }> {
    return this.model.check();
  }

  override context(): Promise<ContextWindow> {
    return this.model.context();
  }
}

/** Models and tools as they were in a recorded run. */
export class StandIns implements Substitutes {
  /** What the models have said so far, in the order in which the turns ended. */
  readonly heard: Turn[] = [];
  /** Calls of which the recording has no result. */
  readonly unanswered: string[] = [];
  private readonly results = new Map<string, ToolResult | ToolError>();
  private readonly places = new Map<string | undefined, number>();

  /** @param own the agent's own models are asked, instead of the recorded one. */
  constructor(
    recording: Recording,
    private readonly turns: ReadonlyMap<string | undefined, readonly Turn[]>,
    private readonly own: boolean,
  ) {
    for (const call of recording.calls) {
      const text = call.result ?? '';
      const failed = call.status === 'error';
      const told = text.replace(/^Error: /, '');
      this.results.set(signatureOf(call), failed ? new ToolError(told, call.error_code) : { text });
    }
  }

  models(own: readonly ChatModel[], parent: string | undefined): readonly ChatModel[] {
    const chain = this.own ? own : [new RecordedModel(() => this.next(parent))];
    return chain.map((model) => new HeardModel(model, parent, this.heard));
  }

  answer(call: ModelToolCall): ToolResult {
    const signature = signatureOf(call);
    const result = this.results.get(signature);
    if (!result) {
      this.unanswered.push(signature);
      throw new ToolError('This call is not in the recorded run.', 'not_recorded');
    }
    if (result instanceof ToolError) throw result;
    return result;
  }

  private next(parent: string | undefined): Turn | undefined {
    const place = this.places.get(parent) ?? 0;
    this.places.set(parent, place + 1);
    return this.turns.get(parent)?.[place];
  }
}
