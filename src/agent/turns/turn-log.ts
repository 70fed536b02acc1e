import type { ModelMessage, ModelUsage } from '../../models/index.js';
import { digestOf } from './digest.js';
import {
  readEntries,
  type AgentStart,
  type SentRequest,
  type SentTurn,
  type TurnEntries,
} from './turn-record.js';

/** Turns of one run that are recorded; of further ones only the log tells. */
const TURNS_MAX = 500;
/** The same for agents at work. */
const STARTS_MAX = 200;
/** The same for requests of one turn. */
const REQUESTS_MAX = 20;

/** A request that is about to be sent. */
export interface NewRequest {
  model: string;
  messages: readonly ModelMessage[];
  /** Characters of the turn's text that were received before. */
  kept: number;
  /** Estimated tokens of the transcript; infinite if nobody limits it. */
  room: number;
  /** Epoch ms. */
  at: number;
}

/** The requests of one model turn. */
export interface TurnRequests {
  /** Notes a request. */
  send(request: NewRequest): void;
  /** Notes what the request in progress was billed for. */
  usage(usage: ModelUsage): void;
  /** The request in progress has ended. @param ms how long it took. @param failed code of its failure. */
  end(ms: number, failed?: string): void;
}

/**
 * What went to the models in a run, over all its attempts. Kept in memory; whoever stores the run's progress stores
 * what has changed with it.
 */
export class TurnLog {
  private readonly entries: TurnEntries;
  private readonly changed = new Set<string>();
  private readonly own = new Set<string>();
  private starts: number;
  private turns: number;

  /**
   * @param earlier what earlier attempts have stored.
   * @param onChange there is something to store.
   */
  constructor(
    earlier?: TurnEntries,
    private readonly onChange: () => void = () => undefined,
  ) {
    const records = readEntries(earlier);
    this.entries = { ...earlier };
    this.starts = records.starts.length;
    this.turns = records.turns.length;
  }

  /** An agent begins, or continues, to work. @returns what notes its turns. */
  begin(start: AgentStart): (step: number) => TurnRequests {
    const number = this.starts++;
    if (number < STARTS_MAX) this.put(`s${number}`, start);
    return (step) => this.turn(number, step);
  }

  /** The entries of this attempt, ready to be stored. */
  get attempt(): TurnEntries {
    return this.pick(this.own);
  }

  /** The entries that were not asked for before. */
  takeChanges(): TurnEntries {
    const changes = this.pick(this.changed);
    this.changed.clear();
    return changes;
  }

  private turn(start: number, step: number): TurnRequests {
    const turn: SentTurn = { start, step, requests: [] };
    const number = this.turns++;
    const isKept = number < TURNS_MAX && start < STARTS_MAX;
    const note = (): void => {
      if (isKept) this.put(`t${number}`, turn);
    };
    let current: SentRequest | undefined;
    return {
      send: (request) => {
        current = isKept && turn.requests.length < REQUESTS_MAX ? recordOf(request) : undefined;
        if (current) turn.requests.push(current);
        note();
      },
      usage: (usage) => {
        if (current) current.usage = { ...usage };
        note();
      },
      end: (ms, failed) => {
        if (current) Object.assign(current, { ms }, failed !== undefined && { failed });
        note();
      },
    };
  }

  private put(key: string, entry: AgentStart | SentTurn): void {
    this.entries[key] = entry;
    this.own.add(key);
    this.changed.add(key);
    this.onChange();
  }

  private pick(keys: ReadonlySet<string>): TurnEntries {
    return structuredClone(
      Object.fromEntries([...keys].flatMap((key) => (this.entries[key] ? [[key, this.entries[key]]] : []))),
    );
  }
}

function recordOf({ model, messages, kept, room, at }: NewRequest): SentRequest {
  return {
    model,
    at,
    ...(kept > 0 && { kept }),
    ...(Number.isFinite(room) && { room }),
    digest: digestOf(messages),
  };
}
