import { DIALECTS } from '../../src/app.module.js';
import type { Route } from '../api/bad-input/routes.js';
import type { World } from '../api/bad-input/world.js';
import type { Answer, Client } from '../support/client.js';

/** Routes that show nothing of anybody. */
export const OPEN_TO_ALL = [
  'GET /health/live',
  'GET /health/ready',
  'GET /.well-known/agent-card.json',
  'GET /api/langgraph/info',
  'GET /api/langgraph/ok',
];

/** What somebody brings. */
export interface Bringer {
  headers?: Record<string, string>;
  /** A ticket, for routes that take one. */
  ticket?: string;
}

/** A value for every parameter of a path and every required field of a body: what is hers, or what a stranger guesses. */
export const valuesOf = (world: World): Record<string, unknown> => ({
  chat_key: world.chat,
  id: world.chat,
  messages: [{ id: 'u1', role: 'user', content: 'Mine?', parts: [{ type: 'text', text: 'Mine?' }] }],
  threadId: world.chat,
  runId: 'r1',
  user_id: world.user,
  chat_id: world.chat,
  thread_id: world.chat,
  run_id: world.message,
  checkpoint_id: `${world.message}.1`,
  assistant_id: 'assistant',
  input: { messages: [{ type: 'human', content: 'Mine?' }] },
  session_id: world.chat,
  message: 'Mine?',
  message_id: world.message,
  document_id: world.document,
  file_id: world.file,
  call_id: world.call,
  prompt: 'Mine?',
  agent: 'assistant',
  agents: ['assistant'],
  lead: 'assistant',
  workflow: 'review',
  tenant_id: 'acme',
  project_id: 'support',
  agent_secret: 'guessed',
  decision: 'approve',
  after: world.event,
  content: 'Mine?',
  title: 'Mine',
  name: 'Mine',
  email: 'alice@company.com',
  password: 'a guess of a stranger',
  current_password: 'a guess of a stranger',
  new_password: 'a guess of a stranger',
  refresh_token: 'rpr_guess',
  link: 'rpl_guess',
  invitation_id: '68eb95dcac4dd9ac2789890e',
});

/** Walks routes with good requests for somebody's objects. */
export class Walk {
  /** Requests so far. */
  calls = 0;

  constructor(
    private readonly client: Client,
    private readonly world: World,
    private readonly values: Readonly<Record<string, unknown>>,
  ) {}

  knows(name: string): boolean {
    return this.values[name] !== undefined;
  }

  /** Asks in every form that the route has. */
  async ask(route: Route, bringer: Bringer): Promise<Answer[]> {
    const fields =
      route.body && Object.fromEntries(route.body.required.map((name) => [name, this.values[name]]));
    return Promise.all(
      this.requestsOf(route, bringer).map(async ([method, path]) => {
        this.calls++;
        return this.client.request(method, path, route.takesFile ? form() : fields, bringer.headers);
      }),
    );
  }

  private requestsOf(route: Route, { ticket }: Bringer): [method: string, path: string][] {
    const valueOf = (name: string): string =>
      name === 'message_id' && route.params.includes('call_id')
        ? this.world.waiting
        : ((this.values[name] as string | undefined) ?? `no ${name}`);
    const path = route.template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(valueOf(name)));
    const queries = route.streams ? DIALECTS.map(({ name }) => `dialect=${name}`) : [''];
    const takesAny = route.query.length === 0 || /\/(stream|events)$/.test(route.template);
    const tickets = ticket === undefined || !takesAny ? [''] : ['', `ticket=${ticket}`];
    const paths = queries.flatMap((query) =>
      tickets.map((one) => [path, [query, one].filter(Boolean).join('&')].filter(Boolean).join('?')),
    );
    const methods = route.method === 'GET' ? ['GET', 'HEAD'] : [route.method];
    return methods.flatMap((method) => paths.map((one): [string, string] => [method, one]));
  }
}

/** A file of the stranger's. */
function form(): FormData {
  const body = new FormData();
  body.set('file', new Blob(['Mine']), 'mine.txt');
  return body;
}
