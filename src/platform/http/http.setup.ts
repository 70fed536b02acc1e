import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import { Settings } from '../config/index.js';
import { PinoLogger } from '../logging/index.js';
import { Metrics, Tracing } from '../telemetry/index.js';
import { acceptJsonBodies } from './body.js';
import { answerClientErrors, refuseUnfitRequests } from './client-error.js';
import { ErrorForms } from './error-forms.js';
import { refuseForeignPages } from './cross-site.js';
import { refuseUnknownHosts } from './known-hosts.js';
import { serveOpenApi } from './openapi.js';
import { ProblemFilter } from './problem.filter.js';
import { assignRequestId } from './request-id.js';
import { observeRequests } from './request-log.js';
import { packageVersion } from '../process/index.js';
import { serveServiceInfo } from './service-info.js';
import { RequestValidationPipe } from './request-validation.pipe.js';

/** Probes, and paths that agents and clients of other systems know. */
const OUTSIDE_OF_API = [
  ...['health', 'health/live', 'health/ready', 'health/diagnose', 'metrics'],
  'ai-agent/:tenant_id/:project_id/login',
  ...[
    'chat/stream',
    'chat/session',
    'chat/session/:session_id',
    'chat/session/:session_id/history',
    'discover',
  ],
  'v1/*path',
  // Below the prefix, and not the same as those of OpenAI.
  'api/v1/*path',
  ...['a2a', '.well-known/agent-card.json'],
];

/** Everything about HTTP that is not a route. Call before `listen`; create the application with `bodyParser: false`. */
export function configureHttp(app: NestExpressApplication): void {
  const settings = app.get(Settings);
  const logger = app.get(PinoLogger);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', settings.TRUST_PROXY);
  app.setGlobalPrefix('api', { exclude: OUTSIDE_OF_API });
  app.use(assignRequestId, observeRequests({ metrics: app.get(Metrics), tracing: app.get(Tracing), logger }));
  secure(app);
  app.use(refuseUnfitRequests);
  if (settings.AUTH_MODE === 'none') app.use(refuseUnknownHosts(settings));
  allowOrigins(app, settings);
  app.use(refuseForeignPages(settings));
  acceptJsonBodies(app, settings.BODY_MAX_BYTES);
  app.useGlobalPipes(new RequestValidationPipe(settings));
  app.useGlobalFilters(
    new ProblemFilter(logger, settings.ROLE === 'worker' ? undefined : app.get(ErrorForms)),
  );
  if (settings.ROLE !== 'worker') {
    app.use(serveServiceInfo(packageVersion()));
    serveOpenApi(app);
  }
  const server: Server = app.getHttpServer();
  answerClientErrors(server);
  setTimeouts(server);
}

function secure(app: NestExpressApplication): void {
  app.use(
    helmet({
      // A self-hosted page on plain http would otherwise request its own scripts over https and get nothing.
      contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
      // Whether there is TLS, and for how long, is up to the proxy that terminates it.
      strictTransportSecurity: false,
    }),
  );
}

function allowOrigins(app: NestExpressApplication, settings: Settings): void {
  if (settings.CORS_ORIGINS.length === 0) return;
  app.enableCors({
    origin: settings.CORS_ORIGINS.includes('*') ? '*' : settings.CORS_ORIGINS,
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    // Those that a client asks for: each system's clients send their own, and the origins are listed.
    exposedHeaders: [
      'X-Request-Id',
      'X-Trace-Id',
      'Retry-After',
      'X-Heartbeat-Ms',
      'X-Message-Id',
      'X-Stream-Url',
      'X-Session-Id',
      'Location',
      'Content-Location',
      'RateLimit',
      'RateLimit-Policy',
    ],
    maxAge: 600,
  });
}

/** A request must arrive in time; a response may take as long as a stream does. */
function setTimeouts(server: Server): void {
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  server.timeout = 0;
}
