import type { ModelRequest, ModelTurn, ModelTurns, SentMessage } from '@reprise/client';
import type { ReactElement } from 'react';
import { CopyButton } from '../../ui/copy-button.js';
import classes from './full-call.module.css';
import { JsonView } from './json-view.js';

const ROLES: Record<SentMessage['role'], string> = {
  system: 'Instructions',
  user: 'User',
  assistant: 'Assistant',
  tool: 'Tool result',
};

/** One request to a model: its messages, then the tools and parameters. */
export function SentRequest(props: {
  turn: ModelTurn;
  page: ModelTurns;
  request: ModelRequest;
}): ReactElement {
  const { turn, page, request } = props;
  const messages = request.messages.flatMap((place) => page.messages[place] ?? []);
  const tools = page.tools[turn.tools] ?? [];
  return (
    <div className={classes.call}>
      {turn.missing.length > 0 && <p className={classes.none}>Gone by now: {turn.missing.join(', ')}.</p>}
      {turn.missing.length === 0 && !request.exact && (
        <p className={classes.none}>Something of it has changed since it was sent.</p>
      )}
      {messages.map((message, index) => (
        <Sent key={index} message={message} />
      ))}
      <Json label="Parameters" value={{ ...turn.sampling, agent_version: turn.agent_version }} />
      {tools.length > 0 && <Json label={`Tools (${tools.length})`} value={tools} />}
    </div>
  );
}

function Sent({ message }: { message: SentMessage }): ReactElement {
  const label = ROLES[message.role];
  const calls = message.tool_calls ?? [];
  return (
    <section aria-label={label}>
      <div className={classes.head}>
        <h3>{label}</h3>
        <CopyButton label={`Copy ${label.toLowerCase()}`} text={message.content} />
      </div>
      {(message.content !== '' || calls.length === 0) && (
        <pre className={classes.plain}>{message.content === '' ? '—' : message.content}</pre>
      )}
      {calls.map(({ id, name, arguments: text }) => (
        <pre key={id} className={classes.plain}>{`${name}(${text})`}</pre>
      ))}
    </section>
  );
}

function Json({ label, value }: { label: string; value: unknown }): ReactElement {
  return (
    <details>
      <summary className={classes.fold}>{label}</summary>
      <JsonView text={JSON.stringify(value, null, 2)} />
    </details>
  );
}
