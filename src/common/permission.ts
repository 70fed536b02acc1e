/**
 * How long somebody may read: a stream can outlive the login with which it was opened. Doors need not know of it;
 * `LogAccess` and the transport do.
 */
export interface Permission {
  /** Id of the personal token that it comes from: what is issued with it ends together with it. */
  readonly credential?: string;
  /** When it ends, epoch ms; missing: not by itself. */
  readonly until?: number;
  /** Whether it covers the log of a run that ended then; `undefined`: has not ended. Missing: any log. */
  covers?(endedAt: Date | undefined): boolean;
  /** Whether somebody has withdrawn it. Streams ask every few seconds. */
  isWithdrawn?(): Promise<boolean>;
}
