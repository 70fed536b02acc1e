/** One thing that can be wrong. */
export interface Cause {
  /** `fail`: this explains symptoms; `warn`: it may. */
  status: 'warn' | 'fail';
  /** What is wrong, one sentence. */
  cause: string;
  /** What to do about it. */
  cure: string;
}

/** What one check looks at, and what it can find. */
export interface CheckEntry {
  /** What it looks at, as it is done: the troubleshooting page shows it. */
  looks: string;
  causes: Readonly<Record<string, Cause>>;
}

const entry = <C extends Readonly<Record<string, Cause>>>(looks: string, causes: C) => ({ looks, causes });
const fail = (cause: string, cure: string): Cause => ({ status: 'fail', cause, cure });
const warn = (cause: string, cure: string): Cause => ({ status: 'warn', cause, cure });

/**
 * The checks of `/health/diagnose`, and everything that they can find. Whether it is so, the server looks up when it is
 * asked; the texts are also those of docs/troubleshooting.md.
 */
export const CHECKS = {
  database: entry('Asks the database for an answer (`ping`).', {
    down: fail(
      'The database does not answer.',
      'Start it, or correct MONGODB_URI. Runs and streams continue by themselves once it is back.',
    ),
    slow: warn(
      'The database takes more than 50 ms to answer.',
      'Bring it nearer to this server, give it more memory, or look at what else it does.',
    ),
  }),
  write: entry('Writes one small document, as durably as an event.', {
    failed: fail(
      'The database accepts no durable write.',
      'Look at its own log: its disk may be full, or its replica set may have no primary.',
    ),
    slow: warn(
      'A durable write takes more than 100 ms.',
      'Put the database on a faster disk: every event waits for its journal.',
    ),
  }),
  commits: entry('Reads how long commits of events took lately (`reprise_commit_duration_seconds`).', {
    slow: warn(
      'Commits of events take more than 100 ms, and every text waits for one.',
      'Put the database on a faster disk, or spread the runs over more processes and databases.',
    ),
  }),
  disk: entry('Reads the free space of DATA_DIR; of your own database it knows nothing.', {
    full: fail(
      'The disk of the embedded database is full or nearly full.',
      'Free some space there, or move DATA_DIR. EVENT_RETENTION_DAYS limits what is kept.',
    ),
  }),
  process: entry('Measures the event loop and the heap of this process.', {
    loop_late: fail(
      'The event loop of this process is late: it has more to do than one core can.',
      'Lower RUN_CONCURRENCY, or run more processes (docs/scaling.md).',
    ),
    heap_full: fail(
      'The heap of this process is nearly full.',
      'Give it more memory (`node --max-old-space-size`), lower LOG_CACHE_BYTES or RUN_CONCURRENCY, or run more processes.',
    ),
  }),
  queue: entry('Looks for runs that wait for a worker, and whether one could take them.', {
    stuck: fail(
      'Runs wait although nothing is ahead of them in their chats: no worker takes them.',
      'Start a process with ROLE=worker or all; if there are some, look at their logs, and whether they reach Redis and the database.',
    ),
    full: fail(
      'The queue is nearly full: QUEUE_MAX unfinished runs, and further messages are refused.',
      'Add workers, or raise RUN_CONCURRENCY; then QUEUE_MAX.',
    ),
    busy: warn(
      'This process works on as many runs as RUN_CONCURRENCY allows, and others wait.',
      'Raise RUN_CONCURRENCY if the event loop has time left, or add workers.',
    ),
  }),
  lost_runs: entry('Looks for runs whose worker has given no sign of life for long.', {
    orphaned: fail(
      'Runs have lost their worker, and nobody has taken them over.',
      'Start a process with ROLE=worker or all: it takes them over at once.',
    ),
  }),
  redis: entry('Looks whether Redis is connected, and how it is configured.', {
    away: warn(
      'Redis is away. Nothing is lost: streams of other processes are late by up to BUS_RECHECK_MS, and workers find runs in the database.',
      'Start Redis, or correct REDIS_URL.',
    ),
    wrong: warn(
      'Redis is configured in a way that loses entries.',
      'Set `maxmemory-policy noeviction`, and give it enough memory.',
    ),
  }),
  model: entry('Asks the servers of all models that agents may use; it costs no tokens.', {
    unreachable: fail(
      'A model cannot be reached, or refuses this server.',
      'Check the address and the key of its provider (docs/models.md), and proxies in the environment.',
    ),
    circuit: fail(
      'A model failed so often that it is not asked for a while.',
      'Look for "a model request failed" in the log; the model is tried again after MODEL_CIRCUIT_MS.',
    ),
  }),
  model_calls: entry('Reads what came of requests to models since the start (`reprise_model_calls_total`).', {
    limited: warn(
      'Model providers have refused requests because there were too many.',
      'Lower MODEL_CONCURRENCY or RUN_CONCURRENCY, ask the provider for a higher limit, or add a model to MODEL_CHAIN.',
    ),
    failing: warn(
      'At least one in five requests to models has failed.',
      'Look for "a model request failed" in the log: it has the reason of each.',
    ),
  }),
  mcp: entry('Looks which MCP servers are connected.', {
    away: fail(
      'An MCP server is not connected: calls of its tools fail.',
      'Start it, or correct its entry in MCP_SERVERS_FILE (docs/mcp.md). Reprise connects again by itself.',
    ),
  }),
  approvals: entry('Counts runs that wait for a decision of a person.', {
    waiting: warn(
      'Runs wait until a person approves or rejects a tool call; they hold no worker.',
      'Decide, on the page or with `POST …/approvals/{call_id}`; APPROVAL_TTL_MS limits the wait (docs/approvals.md).',
    ),
  }),
  streams: entry('Counts open streams, and clients that were disconnected because they read nothing.', {
    full: fail(
      'This process has as many streams as STREAMS_MAX allows; others are refused with 503.',
      'Run more processes, or raise STREAMS_MAX.',
    ),
    slow_clients: warn(
      'Clients were disconnected because they read nothing for STREAM_STALL_MS; they resume by id.',
      'Look for clients that stop reading, or a network that stalls. A client with an EventSource recovers by itself.',
    ),
    heartbeat: warn(
      'STREAM_HEARTBEAT_MS is longer than the 60 s after which nginx and other proxies cut a silent connection.',
      'Set it to 15000, or raise the time-out of the proxy.',
    ),
  }),
  logs: entry('Reads the logs of the runs that ended last, and looks for gaps and missing ends.', {
    gaps: fail(
      'A log has a gap: events were deleted or lost in the database.',
      'Check whether MongoDB was restored from a backup, or something else deletes in `message_events`.',
    ),
    no_end: fail(
      'A run has ended, but its log has no `end`.',
      'Check whether something else writes to the database; report it otherwise.',
    ),
  }),
  retention: entry('Reads EVENT_RETENTION_DAYS.', {
    expires: warn(
      'Logs are deleted some time after their run has ended; their streams then answer 410.',
      'Raise EVENT_RETENTION_DAYS, or unset it. Messages and answers stay in any case.',
    ),
  }),
  proxy: entry('Looks at the request for this diagnosis: what it passed on its way. Ask through the proxy.', {
    http_1_0: fail(
      'A proxy passes requests on as HTTP/1.0, so it buffers answers until they are complete: nginx does so by default.',
      'In nginx: `proxy_http_version 1.1;` and `proxy_buffering off;` as in deploy/nginx/reprise.conf.',
    ),
    unknown: warn(
      'The request came through a proxy. Whether it buffers, the server cannot see.',
      'Compare `curl -N` of a stream through the proxy and at the server itself; turn off buffering and compression of text/event-stream.',
    ),
  }),
  address: entry('Reads HOST.', {
    loopback: warn(
      'The server listens on a loopback address: only this machine can connect.',
      'Set HOST to 0.0.0.0, or to an address of this machine, with a proxy in front that authenticates.',
    ),
  }),
  refusals: entry('Reads how many requests were refused since the start (`http_requests_total`).', {
    limited: warn(
      'Requests were refused with 429, because a client sent too many or a queue was full.',
      'Wait as long as `Retry-After` says. The `code` of the answer names the limit, docs/settings.md the setting.',
    ),
    unavailable: warn(
      'Requests were refused with 503.',
      'Their lines in the log ("request rejected") have the reason.',
    ),
  }),
  traces: entry('Looks whether spans reach their collectors.', {
    failing: warn(
      'Traces cannot be sent; their spans are lost, nothing else is.',
      'Start the collector, or correct OTEL_EXPORTER_OTLP_ENDPOINT, its headers, or LANGSMITH_API_KEY.',
    ),
  }),
} as const satisfies Record<string, CheckEntry>;

/** The name of a check. */
export type CheckName = keyof typeof CHECKS;

/** What some check has found: what it saw, and the cause of symptoms that follows from it, if there is one. */
export interface Sight {
  /** One sentence with figures; no secrets, and no text of users. */
  found: string;
  /** The gravest thing that is wrong, by its name within the check. */
  cause?: string;
}

/** What one check can find. */
export interface Seen<N extends CheckName> extends Sight {
  cause?: keyof (typeof CHECKS)[N]['causes'] & string;
}
