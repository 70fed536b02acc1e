export { AbandonedCalls, type OpenCall } from './abandoned-calls.js';
export { Agent } from './agent.js';
export { AgentModule } from './agent.module.js';
export type { AgentOutcome, AgentRun, EarlierExchange } from './agent-run.js';
export { AgentRegistry, DEFAULT_AGENT, type AgentDefinition } from './agents.js';
export { EventSink } from './event-sink.js';
export { UsageSum } from './usage-sum.js';
export { ToolCallDocument, ToolJournal, type JournaledCall, type ToolCallStatus } from './tool-journal.js';
