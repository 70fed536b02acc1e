import { EventSource } from 'eventsource';

interface PlanItem {
  id: string;
  text: string;
  status: 'pending' | 'in_progress' | 'completed';
}

interface ToolCall {
  id: string;
  name: string;
  status: 'running' | 'completed' | 'error';
  startTime: number;
  endTime?: number;
  duration?: number;
  result?: string;
  args?: string;
}

/** What the hook returns to its component. */
export interface HookState {
  messageId: string | null;
  isStreaming: boolean;
  plan: PlanItem[];
  toolCalls: ToolCall[];
  rationale: string;
  content: string;
  status: string;
  error: string | null;
}

/**
 * The hook `useStreamingMessage` of the streaming API guide: its `onmessage`, its `switch` and its `onerror` word for
 * word, with plain variables in place of React's state. `query` is the one thing a user of the hook adds to the URL.
 * @returns the state when the hook has closed its EventSource.
 */
export async function useStreamingMessage(
  origin: string,
  chatId: string,
  userMessage: string,
  query: string,
): Promise<HookState> {
  let isStreaming = false;
  let plan: PlanItem[] = [];
  let toolCalls = new Map<string, ToolCall>();
  let rationale = '';
  let content = '';
  let status = '';
  let error: string | null = null;
  const setIsStreaming = (value: boolean): void => void (isStreaming = value);
  const setPlan = (value: PlanItem[]): void => void (plan = value);
  const setToolCalls = (update: (prev: Map<string, ToolCall>) => Map<string, ToolCall>): void =>
    void (toolCalls = update(toolCalls));
  const setRationale = (value: string): void => void (rationale = value);
  const setContent = (update: (prev: string) => string): void => void (content = update(content));
  const setStatus = (value: string): void => void (status = value);
  const setError = (value: string): void => void (error = value);

  const response = await fetch(`${origin}/api/chats/${chatId}/messages`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ content: userMessage, metadata: {} }),
  });
  if (!response.ok) throw new Error('Failed to create message');
  const { message_id, stream_url } = (await response.json()) as { message_id: string; stream_url: string };

  await new Promise<void>((resolve) => {
    const eventSource = new EventSource(`${origin}${stream_url}${query}`);
    const close = (): void => {
      eventSource.close();
      resolve();
    };
    setIsStreaming(true);

    eventSource.onmessage = (event: { data: string }) => {
      const data = JSON.parse(event.data);

      switch (data.type) {
        case 'start':
          setStatus('Processing...');
          break;

        case 'plan':
          setPlan(data.items || []);
          break;

        case 'tool_start':
          setToolCalls((prev) => {
            const updated = new Map(prev);
            updated.set(data.call_id, {
              id: data.call_id,
              name: data.name,
              status: 'running',
              startTime: Date.now(),
              args: data.args_summary,
            });
            return updated;
          });
          break;

        case 'tool_end':
          setToolCalls((prev) => {
            const updated = new Map(prev);
            const tool = updated.get(data.call_id);
            if (tool) {
              const endTime = Date.now();
              updated.set(data.call_id, {
                ...tool,
                status: data.status === 'ok' ? 'completed' : 'error',
                endTime,
                duration: data.ms,
                result: data.result_summary,
              });
            }
            return updated;
          });
          break;

        case 'status':
          setStatus(data.text);
          break;

        case 'rationale':
          setRationale(data.text);
          break;

        case 'content':
          setContent((prev) => prev + String(data.md));
          break;

        case 'end':
          setIsStreaming(false);
          setStatus(data.status === 'completed' ? 'Completed' : 'Failed');
          close();
          break;

        case 'error':
          setError(data.error);
          setIsStreaming(false);
          close();
          break;
      }
    };

    eventSource.onerror = () => {
      setError('Stream connection lost');
      setIsStreaming(false);
      close();
    };
  });

  return {
    messageId: message_id,
    isStreaming,
    plan,
    toolCalls: [...toolCalls.values()],
    rationale,
    content,
    status,
    error,
  };
}
