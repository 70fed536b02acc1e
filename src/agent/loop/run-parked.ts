import type { CallApproval } from '../calls/call-approval.js';

/** A tool call that somebody has to decide before it can run. */
export interface WaitingCall extends Pick<CallApproval, 'expires_at'> {
  call_id: string;
  name: string;
  /** One line for people. */
  args_summary: string;
}

/**
 * Thrown when nothing is left to do in a run until a person decides: everything that could run has ended, and is in
 * journal and log. It goes through the agent, and through every agent that a call has started, up to the worker, which
 * lets go of the run. Whoever continues the run starts from its log, as after a crash.
 */
export class RunParked extends Error {
  override readonly name = 'RunParked';

  constructor(readonly calls: readonly WaitingCall[]) {
    super('The run waits for a decision.');
  }

  /** Several parts of a run that wait at the same time. */
  static all(parts: readonly RunParked[]): RunParked {
    return new RunParked(parts.flatMap(({ calls }) => calls));
  }
}
