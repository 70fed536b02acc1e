// What runs in the browser: `useStream` of LangGraph's SDK, with buttons for what a person does.
import { useStream } from '@langchain/langgraph-sdk/react';
import { createElement as h, useState, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';

declare const document: { body: Parameters<typeof createRoot>[0] };
declare const location: { search: string; hash: string };

const server = new URLSearchParams(location.search).get('server') ?? '';

interface State extends Record<string, unknown> {
  messages: { id?: string; type: string; content: string }[];
}

function Page(): ReactElement {
  const [threadId, setThreadId] = useState<string | null>(location.hash.slice(1) || null);
  const stream = useStream<State>({
    apiUrl: `${server}/api/langgraph`,
    assistantId: 'assistant',
    threadId,
    onThreadId: (id) => {
      location.hash = id;
      setThreadId(id);
    },
    reconnectOnMount: true,
    fetchStateHistory: true,
  });
  const say = (content: string): void => {
    void stream.submit({ messages: [{ type: 'human', content }] });
  };
  const answer = (): void => {
    void stream.submit(undefined, { command: { resume: { decisions: [{ type: 'approve' }] } } });
  };
  const lines = stream.messages.map(
    ({ type, content }) => `${type}: ${typeof content === 'string' ? content : JSON.stringify(content)}`,
  );
  const button = (name: string, act: () => unknown): ReactElement =>
    h('button', { id: name, onClick: () => void act() }, name);
  return h(
    'main',
    null,
    h('pre', { id: 'messages' }, lines.join('\n')),
    h('p', { id: 'state' }, stream.isLoading ? 'loading' : 'idle'),
    h('p', { id: 'interrupt' }, stream.interrupt ? JSON.stringify(stream.interrupt) : ''),
    h('p', { id: 'error' }, stream.error === undefined ? '' : JSON.stringify(stream.error)),
    button('hello', () => {
      say('hello');
    }),
    button('pay', () => {
      say('pay');
    }),
    button('approve', answer),
    button('stop', () => stream.stop()),
  );
}

createRoot(document.body).render(h(Page));
