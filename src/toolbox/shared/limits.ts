/** Ceiling of one call, ms, above the longest `TOOLBOX_TIMEOUT_MS`: a tool that stops by itself says more. */
export const CALL_TIMEOUT_MS = 60_000;
