export { AbandonedCalls, type OpenCall } from './abandoned-calls.js';
export { Agent } from './agent.js';
export { AgentModule } from './agent.module.js';
export type { AgentOutcome, AgentRun, EarlierExchange, Substitutes } from './agent-run.js';
export { AgentRegistry, type AgentInfo } from './catalogue/agent-registry.js';
export { AgentVersion } from './catalogue/agent-versions.js';
export type { AgentDefinition } from './catalogue/definition.js';
export { ApprovalJournal, type CallKey } from './approval-journal.js';
export { CallApprovals, type GivenDecision } from './call-approvals.js';
export type { CallApproval, CallDecision } from './call-approval.js';
export { RunParked, type WaitingCall } from './run-parked.js';
export { EventSink } from './event-sink.js';
export { RunSources } from './run-sources.js';
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
export { ToolCallDocument, ToolJournal, type JournaledCall, type ToolCallStatus } from './tool-journal.js';
export { callsOf, eventsOf } from './child-log.js';
export { rebuildTranscript } from './resume.js';
export { TASK_TOOL } from './catalogue/definition.js';
