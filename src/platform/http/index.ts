export {
  ForAdmins,
  ForAnybody,
  ForOperators,
  ForWriters,
  InPerson,
  ManagesAccounts,
  WithTicket,
  type RouteAccess,
} from './access.decorators.js';
export { Authenticator, NoAuthentication, type Caller, type Right } from './authenticator.js';
export { CurrentPerson, DEFAULT_PERSON, personOf } from './current-person.decorator.js';
export { bearerOf, isSameSecret } from './bearer.js';
export { addressError, checkAddress } from './check-address.js';
export { addressKey, addressOf } from './client-address.js';
export { isFromElsewhere, SameOriginOnly } from './cross-site.js';
export { RefusedRequests } from './refused-requests.js';
export { ApiPage, ApiProblems } from './api-docs.js';
export { ErrorForms, type ErrorForm } from './error-forms.js';
export { HttpAdapter } from './http-adapter.js';
export { hostCheck } from './known-hosts.js';
export { HandshakeScopes } from './handshake-scopes.js';
export { mayConnect } from './cross-site.js';
export { HttpModule } from './http.module.js';
export { configureHttp } from './http.setup.js';
export {
  ChatIdPipe,
  DocumentIdPipe,
  FileIdPipe,
  InvitationIdPipe,
  isExternalId,
  MessageIdPipe,
  ProjectIdPipe,
  TenantIdPipe,
  TokenIdPipe,
  UserIdPipe,
} from './id.pipes.js';
export { openApiDocument } from './openapi.js';
export { PageQueryDto } from './page-query.dto.js';
export { PersonQueryDto } from './person-query.dto.js';

export { PROBLEM_TYPE, type Problem } from './problem.js';
export { requestId } from './request-id.js';
export { ResumePoint } from './resume-point.decorator.js';
export { callerOf, CurrentActor, CurrentCaller, CurrentScope, scopeOfRequest } from './scope.guard.js';
export { IgnoresUnknownFields } from './unknown-fields.decorator.js';
export { PlainStreamUrls, streamPath, StreamUrls } from './stream-urls.js';
export { RequestValidationPipe, validationFailed } from './request-validation.pipe.js';
export {
  decimal,
  IsCleanText,
  IsEmailAddress,
  IsIntBetween,
  IsJsonObject,
  IsMetadata,
  IsNotBlank,
  MaxChars,
} from './validators.js';
