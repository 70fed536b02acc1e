export { AbandonedCalls, type OpenCall } from './calls/abandoned-calls.js';
export { Agent } from './loop/agent.js';
export { AgentModule } from './agent.module.js';
export type {
  AgentOutcome,
  AgentRun,
  EarlierExchange,
  EarlierSummary,
  HistorySummary,
  KeptHistory,
  Substitutes,
} from './loop/agent-run.js';
export { clipExchange } from './history/clipping.js';
export { History } from './history/history.js';
export { summaryTokens } from './history/summary-message.js';
export { AgentRegistry, type AgentInfo } from './catalogue/agent-registry.js';
export { AgentVersion } from './catalogue/agent-versions.js';
export type { AgentDefinition } from './catalogue/definition.js';
export { ApprovalJournal, type CallKey } from './calls/approval-journal.js';
export { CallApprovals, type GivenDecision } from './calls/call-approvals.js';
export type { CallApproval, CallDecision } from './calls/call-approval.js';
export { RunParked, type WaitingCall } from './loop/run-parked.js';
export { EventSink } from './event-sink.js';
export { RunSources } from './loop/run-sources.js';
export type { KeptRun } from './turns/kept-run.js';
export {
  SentMessages,
  type MissingPart,
  type ShownRequest,
  type ShownTurn,
  type ShownTurns,
} from './turns/sent-messages.js';
export { TurnLog } from './turns/turn-log.js';
export { readEntries, type TurnEntries } from './turns/turn-record.js';
export { UsageSum, type Spent } from './usage-sum.js';
export {
  ToolCallDocument,
  ToolJournal,
  type JournaledCall,
  type ToolCallStatus,
} from './calls/tool-journal.js';
export { callsOf, eventsOf } from './loop/child-log.js';
export { rebuildTranscript } from './loop/resume.js';
export { TASK_TOOL } from './catalogue/definition.js';
