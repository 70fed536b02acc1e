import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './global.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { visitor } from './api/session.js';
import { App } from './app.js';
import { SignedOut } from './shell/signed-out.js';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root.');
createRoot(root).render(
  <StrictMode>
    {visitor.kind === 'anybody' || visitor.kind === 'user' ? <App /> : <SignedOut visitor={visitor} />}
  </StrictMode>,
);
