/** Time, as a dependency: tests set it by hand instead of sleeping. */
export abstract class Clock {
  /** Wall clock, epoch milliseconds. */
  abstract now(): number;
}

/** The machine's clock. */
export class SystemClock extends Clock {
  override now(): number {
    return Date.now();
  }
}
