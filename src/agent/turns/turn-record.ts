import type { FileLimits } from '../attachments/shown-files.js';
import type { ModelUsage } from '../../models/index.js';

/** How much of the conversation an agent was given. */
export interface TranscriptLimits {
  /** Questions and answers of the earlier conversation. */
  messages: number;
  /** Estimated tokens of it. */
  tokens: number;
  /** Estimated tokens of tool results of the run itself. */
  results: number;
}

/**
 * What an agent at work started from, in one attempt of its run. Everything by reference: the texts are stored where
 * they belong, once.
 */
export interface AgentStart {
  attempt: number;
  /** The call that has started the agent; missing for the run's own. */
  parent_call_id?: string;
  /** Name of the agent, and the version of what it was. */
  agent: string;
  version: string;
  /** Hash of the tools that were described to its models. */
  tools: string;
  /** Ids of the earlier questions that were passed, oldest first. */
  history: string[];
  /** Those of them that had no answer yet. */
  unanswered?: string[];
  /** Id of the summary of what was said before. */
  summary?: string;
  limits: TranscriptLimits;
  /** How much of the files of the conversation it was given; missing: it has none. */
  files?: FileLimits;
}

/** One request to a model: what of the turn was sent, and how it went. */
export interface SentRequest {
  /** `provider:model`. */
  model: string;
  /** Epoch ms, and how long it took; without `ms` it has not ended as far as is known. */
  at: number;
  ms?: number;
  /** Characters of the turn's text that had been received before, and were to be continued. */
  kept?: number;
  /** Estimated tokens to which the transcript was shortened; missing if the model's window was not known to matter. */
  room?: number;
  /** Digest of the messages that were sent. */
  digest: string;
  usage?: ModelUsage;
  /** Code of the failure; the next request repeats or continues it. */
  failed?: string;
}

/** One turn of an agent's model: usually one request, more if a provider failed. */
export interface SentTurn {
  /** Number of the {@link AgentStart}. */
  start: number;
  /** Turn of its agent, from 1. */
  step: number;
  requests: SentRequest[];
}

/** What is stored of a run: starts by `s0`, `s1` …, turns by `t0`, `t1` … */
export type TurnEntries = Record<string, AgentStart | SentTurn>;

/** The same in order. */
export interface TurnRecords {
  starts: readonly AgentStart[];
  turns: readonly SentTurn[];
}

/** Reads what is stored. Entries that a lost worker did not come to write are missing. */
export function readEntries(entries: TurnEntries | undefined): TurnRecords {
  const starts: AgentStart[] = [];
  const turns: SentTurn[] = [];
  for (const [key, entry] of Object.entries(entries ?? {})) {
    const number = Number(key.slice(1));
    if ('limits' in entry) starts[number] = entry;
    else turns[number] = entry;
  }
  return { starts, turns };
}
