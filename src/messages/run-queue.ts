import type { HeldRun, Question } from '../run-record/index.js';

/** A worker of this process that waits for the run of a question that is being stored. */
export interface ReadyWorker {
  /** The question as it is stored: its run has started, and belongs to this worker. */
  claim(question: Question): HeldRun;
  /** The question is stored: the run starts. @param asked questions of the chat up to this one, if known. */
  start(run: HeldRun, asked: number | undefined): void;
  /** The question was not stored: the worker is free again. */
  release(): void;
}

/** An agent as a message names it. */
export interface ChosenAgent {
  name: string;
  /** Of its definition, which the run keeps. */
  version: string;
  /** Stores the definition, which nobody has yet: before the message is stored. */
  keep?: (() => Promise<void>) | undefined;
}

/** Other agents, one after the other, side by side, or directed by a lead. */
export interface AdHocWorkflow {
  strategy: 'sequential' | 'parallel' | 'hierarchical';
  agents: string[];
  lead?: string | undefined;
}

/** Work to be done, as `messages` hands it over. Implemented by `runs`, which may not be imported from here. */
export abstract class RunQueue {
  /**
   * A worker that can start at once, so that a question can be stored with its run started. Every one must be started
   * or released. `undefined` if this process executes no runs, has no worker left, or is shutting down.
   */
  abstract ready(): ReadyWorker | undefined;

  /**
   * Announces that a chat has a pending run. The run is already stored, so losing this call delays the run but does not
   * lose it. Calling it twice is harmless.
   */
  abstract enqueue(chatId: string): Promise<void>;

  /**
   * A stored message overtakes the pending runs of its chat: the active run, and earlier interrupting messages that
   * are still pending, are asked to stop. If a later message interrupted in the meantime, this message's own run is
   * among them.
   * @param ahead questions that were admitted to the chat before it; some may be about to be stored.
   */
  abstract interrupt(chatId: string, messageId: string, ahead: readonly string[]): Promise<void>;

  /** The agent for a message. @param name default: the deployment's. `undefined` if there is none with that name. */
  abstract agent(name: string | undefined): ChosenAgent | undefined;

  /** The agent that an earlier run was given. */
  abstract agentOfVersion(version: string): Promise<ChosenAgent | undefined>;

  /** An agent for a message that describes a workflow. @throws AppError `unknown_agent`, `invalid_workflow`. */
  abstract adHocAgent(workflow: AdHocWorkflow): ChosenAgent;
}
