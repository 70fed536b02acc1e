import { AbstractAgent, EventType, HttpAgent, type BaseEvent, type RunAgentInput } from '@ag-ui/client';
import * as schemas from '@ag-ui/core/schemas';
import { from } from 'rxjs';

/** The events in some frames, as the client's reader splits them, each valid by the official schema. */
export function eventsIn(frames: string): BaseEvent[] {
  if (frames.includes('\r')) throw new Error('The client splits at LF only.');
  return frames
    .split('\n\n')
    .flatMap((block) => block.split('\n').filter((line) => line.startsWith('data: ')))
    .map((line) => validEvent(JSON.parse(line.slice(6))));
}

/** @throws if the event is not one of AG-UI 1.0. */
function validEvent(event: { type: keyof typeof EventType }): BaseEvent {
  const name = `${event.type
    .split('_')
    .map((word) => word.slice(0, 1) + word.slice(1).toLowerCase())
    .join('')}EventSchema`;
  const schema = (schemas as unknown as Record<string, { parse(value: unknown): BaseEvent }>)[name];
  if (!schema) throw new Error(`There is no ${name}.`);
  schema.parse(event);
  return event as unknown as BaseEvent;
}

/** The official client with events that are there already: it verifies and applies them. */
export class PlayedAgent extends AbstractAgent {
  constructor(
    private readonly events: readonly BaseEvent[],
    init: ConstructorParameters<typeof AbstractAgent>[0] = {},
  ) {
    super(init);
  }

  override run(_input: RunAgentInput): ReturnType<AbstractAgent['run']> {
    // The client has a copy of its own of this library.
    return from(this.events) as unknown as ReturnType<AbstractAgent['run']>;
  }
}

/** What a run told its client. */
export interface Told {
  finished: any[];
  errors: any[];
  customs: any[];
  types: string[];
}

/** Runs an agent, and notes what its subscriber is told. */
export async function told(
  agent: AbstractAgent,
  parameters: Parameters<AbstractAgent['runAgent']>[0] = {},
): Promise<Told> {
  const noted: Told = { finished: [], errors: [], customs: [], types: [] };
  await agent.runAgent(parameters, {
    onEvent: ({ event }) => void noted.types.push(event.type),
    onRunFinishedEvent: ({ event }) => void noted.finished.push(event),
    onRunErrorEvent: ({ event }) => void noted.errors.push(event),
    onCustomEvent: ({ event }) => void noted.customs.push(event),
  });
  return noted;
}

/** A page's agent on the real application. */
export const agentAt = (
  url: string,
  threadId: string,
  init: Partial<ConstructorParameters<typeof HttpAgent>[0]> = {},
): HttpAgent => new HttpAgent({ url: `${url}/api/ag-ui/assistant`, threadId, ...init });

/** The words of the assistant. */
export const wordsOf = ({ messages }: AbstractAgent): string =>
  messages
    .map((one) => (one.role === 'assistant' && typeof one.content === 'string' ? one.content : ''))
    .join('');

/** What JSON keeps. */
export const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
