import { RepriseClient } from '@reprise/client';
import { createElement, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { RepriseProvider, useRun, useStreamingMessage } from '../src/index.js';

const refuse = (): never => {
  throw new Error('A server makes no request.');
};
const client = new RepriseClient({ baseUrl: 'http://localhost', fetch: refuse });

function Run(): ReactElement {
  const { state, isStreaming } = useRun('68eb95dcac4dd9ac2789890e');
  return createElement('p', null, `${state.status} ${isStreaming}`);
}

function Question(): ReactElement {
  const { status, isStreaming } = useStreamingMessage('chat', 'Hello?');
  return createElement('p', null, `"${status}" ${isStreaming}`);
}

const rendered = (component: () => ReactElement): string =>
  renderToString(createElement(RepriseProvider, { client }, createElement(component)));

describe('rendering on a server', () => {
  it('shows the state before the first event and sends no requests', () => {
    expect(rendered(Run)).toBe('<p>pending true</p>');
    expect(rendered(Question)).toContain('false');
  });

  it('says what is missing if there is no client', () => {
    expect(() => renderToString(createElement(Run))).toThrow('<RepriseProvider>');
  });
});
