import type { Request, Response } from 'express';

/** Counts the requests of callers that nobody knows. */
export abstract class RefusedRequests {
  /** @throws AppError 429 if the address has sent too many. */
  abstract count(request: Request, response: Response): Promise<void>;
}
