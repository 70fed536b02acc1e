// Dependencies between modules point one way; a dependency the other way goes through a port.
const modules = {
  common: [],
  platform: ['common'],
  users: ['common', 'platform'],
  auth: ['common', 'platform', 'users'],
  chats: ['common', 'platform', 'users'],
  documents: ['common', 'platform', 'models'],
  streams: ['common', 'platform'],
  'run-record': ['common', 'platform'],
  budgets: ['common', 'platform'],
  limits: ['common', 'platform'],
  messages: ['common', 'platform', 'run-record', 'chats'],
  tools: ['common', 'platform'],
  mcp: ['common', 'platform', 'tools'],
  toolbox: ['common', 'platform', 'tools'],
  models: ['common', 'platform'],
  agent: ['common', 'platform', 'models', 'tools'],
  approvals: ['common', 'platform', 'agent'],
  runs: ['common', 'platform', 'run-record', 'tools', 'agent', 'approvals', 'messages', 'streams'],
  titles: ['common', 'platform', 'run-record', 'chats', 'models', 'runs'],
  summaries: ['common', 'platform', 'run-record', 'models', 'agent', 'messages', 'runs'],
  health: ['common', 'platform'],
  web: ['common', 'platform'],
  doors: ['common', 'platform', 'chats', 'messages', 'streams', 'agent', 'runs'],
  replay: ['common', 'platform', 'models', 'tools', 'agent'],
  transfer: [
    'common',
    'platform',
    'users',
    'chats',
    'documents',
    'run-record',
    'streams',
    'tools',
    'agent',
    'runs',
  ],
};

const DOMAIN = [
  'users',
  'chats',
  'documents',
  'run-record',
  'budgets',
  'messages',
  'streams',
  'tools',
  'mcp',
  'toolbox',
  'models',
  'agent',
  'approvals',
  'runs',
  'titles',
  'summaries',
];

const layers = Object.entries(modules).map(([name, allowed]) => ({
  name: `layer-${name}`,
  comment: `src/${name} may import only: ${allowed.join(', ') || 'nothing of src'}`,
  severity: 'error',
  // A command's entry point may assemble the whole application.
  from: { path: `^src/${name}/`, pathNot: `^src/${name}/(main|command)\\.ts$` },
  to: { path: '^src/', pathNot: `^src/(${[name, ...allowed].join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'no-cycles',
      comment: 'Two files that import each other are really one, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-deep-imports',
      comment: 'Import a module only through its index.ts.',
      severity: 'error',
      from: { path: '^src/((?:platform|doors)/[^/]+|[^/]+)/' },
      to: {
        path: '^src/((?:platform|doors)/[^/]+|[^/]+)/',
        pathNot: [
          '^src/$1/',
          '/index\\.ts$',
          '^src/common/scope-factory\\.ts$',
          '^src/run-record/hold\\.ts$',
        ],
      },
    },
    {
      name: 'doors-know-no-doors',
      comment: 'A door is one folder and one line in app.module.ts.',
      severity: 'error',
      from: { path: '^src/doors/([^/]+)/' },
      to: { path: '^src/doors/', pathNot: '^src/doors/$1/' },
    },
    {
      name: 'only-the-guard-makes-scopes',
      comment: 'All other code receives one, so every query runs on behalf of somebody.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/platform/http/scope\\.guard\\.ts$' },
      to: { path: '^src/common/scope-factory\\.ts$' },
    },
    {
      name: 'only-the-store-holds-runs',
      comment: 'A held run is a capability: it comes from a claim.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/runs/record/run-store\\.ts$' },
      to: { path: '^src/run-record/hold\\.ts$' },
    },
    {
      name: 'domain-knows-no-http',
      comment: 'A module serves HTTP in its http folder; workers and commands do without it.',
      severity: 'error',
      from: {
        path: `^src/(?:${DOMAIN.join('|')})/`,
        pathNot: '^src/[^/]+/http/',
      },
      to: {
        path: [
          '^src/[^/]+/http/',
          'node_modules/(?:@nestjs/swagger|class-validator|class-transformer|@types/express|express)/',
        ],
      },
    },
    {
      name: 'no-deep-imports-from-the-top',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: '^src/.+/', pathNot: '/index\\.ts$' },
    },
    {
      name: 'libs-never-import-src',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^src/' },
    },
    {
      name: 'protocol-stands-alone',
      comment: 'Clients use it in browsers: zod and nothing else.',
      severity: 'error',
      from: { path: '^libs/protocol/src' },
      to: { pathNot: ['^libs/protocol/src', 'node_modules/zod/'] },
    },
    {
      name: 'production-never-imports-tests',
      severity: 'error',
      from: { path: '^(src|libs/[^/]+/src)/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['reprise-source', 'import', 'node', 'default'],
    },
  },
};
