export { RepriseProvider, useRepriseClient, type RepriseProviderProps } from './context.js';
export type { GuideView, StreamingToolCall } from './guide-view.js';
export { FollowedRuns, type RunSnapshot } from './followed-runs.js';
export { useReprise, type MessageOptions, type UseRepriseResult } from './use-reprise.js';
export { useRun, type Decision, type RunActions, type UseRunResult } from './use-run.js';
export { useStreamingMessage, type UseStreamingMessageResult } from './use-streaming-message.js';
