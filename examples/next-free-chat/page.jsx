// A chat with `useChat` of the AI SDK, straight against Reprise: no framework, no route of its own in between.
import { useChat } from '@ai-sdk/react';
import { DefaultChatTransport, lastAssistantMessageIsCompleteWithApprovalResponses as decided } from 'ai';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';

const query = new URLSearchParams(location.search);
const api = `${query.get('server') ?? 'http://127.0.0.1:8000'}/api/ai-sdk/chat`;
// The chat survives a reload because its id is in the address; the server knows the rest.
const id = query.get('chat') ?? crypto.randomUUID();
query.set('chat', id);
history.replaceState(null, '', `?${query}`);
const chatUrl = (what) => `${api}/${encodeURIComponent(id)}/${what}`;
const messages = await (await fetch(chatUrl('messages'))).json();

function Part({ part, decide }) {
  if (part.type === 'text') return <p className="text">{part.text}</p>;
  if (part.type === 'reasoning') return <p className="reasoning">{part.text}</p>;
  if (part.type === 'data-status') return <p className="status">{part.data.text}</p>;
  if (part.type === 'data-plan')
    return part.data.items.map((item) => <li key={item.id}>{`${item.status}: ${item.text}`}</li>);
  if (part.type.startsWith('source-')) return <cite>{part.title}</cite>;
  if (part.type !== 'dynamic-tool') return null;
  return (
    <p className="tool">
      {`${part.toolName}: ${part.state} `}
      {part.state === 'approval-requested' &&
        [true, false].map((approved) => (
          <button key={approved} onClick={() => decide({ id: part.approval.id, approved })}>
            {approved ? 'Approve' : 'Reject'}
          </button>
        ))}
    </p>
  );
}

function Chat() {
  const [text, setText] = useState('');
  const transport = new DefaultChatTransport({ api });
  const chat = useChat({ id, messages, transport, resume: true, sendAutomaticallyWhen: decided });
  const send = (event) => {
    event.preventDefault();
    chat.sendMessage({ text });
    setText('');
  };
  const stop = () => fetch(chatUrl('stop'), { method: 'POST' });
  return (
    <form onSubmit={send}>
      {chat.messages.map((message) => (
        <article key={message.id} className={message.role}>
          {message.parts.map((part, index) => (
            <Part key={index} part={part} decide={chat.addToolApprovalResponse} />
          ))}
        </article>
      ))}
      <output>{chat.error?.message ?? chat.status}</output>
      <input name="question" value={text} onChange={(event) => setText(event.target.value)} />
      <button>Send</button>
      <button type="button" onClick={stop}>
        Stop
      </button>
      <button type="button" onClick={() => chat.regenerate()}>
        Again
      </button>
    </form>
  );
}

createRoot(document.body).render(<Chat />);
