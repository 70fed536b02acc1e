/** Why a run is stopped before its agent is done: the reason of its abort signal. */
export abstract class StopReason extends Error {}

/** Somebody cancelled it. */
export class RunCancelled extends StopReason {
  override readonly name = 'RunCancelled';
}

/** It took longer than `RUN_TIMEOUT_MS`. */
export class RunTimedOut extends StopReason {
  override readonly name = 'RunTimedOut';
}

/** Another worker has it, or its message was deleted: nothing may be written any more. */
export class LeaseLost extends StopReason {
  override readonly name = 'LeaseLost';
}

/** This process is shutting down: another worker must continue. */
export class HandedOver extends StopReason {
  override readonly name = 'HandedOver';
}
