export { Clock, SystemClock } from './clock.js';
export { AppError } from './errors.js';
export { fold, plain, spellings, titleKeys } from './fold.js';
export { problems, type FieldError, type ProblemCode } from './problems.js';
export { pageSkip, toPage, type Page, type PageQuery } from './paging.js';
export { ANY_USER, type Scope } from './scope.js';
export { DEFAULT_TENANT, type TenantId } from './tenant.js';
export { redactSecrets } from './redact.js';
export { cleanText, clip, isCleanText, literal } from './text.js';
