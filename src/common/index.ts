export { Clock, SystemClock } from './clock.js';
export { AppError, eventsExpired, notFound, type FieldError, type ProblemInit } from './errors.js';
export { pageSkip, toPage, type Page, type PageQuery } from './paging.js';
export { ANY_USER, type Scope } from './scope.js';
export { DEFAULT_TENANT, type TenantId } from './tenant.js';
export { cleanText, clip, containing, isCleanText, literal } from './text.js';
