export { bind } from './bind.js';
export { Clock, SystemClock } from './clock.js';
export { Coalescer } from './coalescer.js';
export { AppError } from './errors.js';
export { fold, plain, spellings, titleKeys } from './fold.js';
export { problems, type FieldError, type ProblemCode } from './problems.js';
export {
  asJsonObject,
  isJsonObject,
  isPoisonedKey,
  isTooDeep,
  jsonFault,
  parseJson,
  type JsonMember,
} from './json.js';
export type { Permission } from './permission.js';
export { pageSkip, toPage, type Page, type PageQuery } from './paging.js';
export { ANY_USER, covers, ownedBy, type Actor, type Origin, type Scope } from './scope.js';
export { DEFAULT_TENANT, type TenantId } from './tenant.js';
export { Pause, pause, TimerPause } from './pause.js';
export { redactSecrets } from './redact.js';
export {
  cleanText,
  cleanTexts,
  clip,
  clipWithMark,
  head,
  isCleanText,
  literal,
  splitHalf,
  tail,
} from './text.js';
export { LATE, withTimeout } from './with-timeout.js';
