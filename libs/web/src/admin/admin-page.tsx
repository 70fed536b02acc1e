import { IconLock } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { isAdmin, visitor } from '../api/session.js';
import { NotFoundPage } from '../shell/not-found-page.js';
import { PageHeader } from '../shell/page-header.js';
import states from '../ui/states.module.css';
import { useTitle } from '../ui/use-title.js';
import { AuditSection } from './audit-section.js';
import { HealthSection } from './health-section.js';
import { RunsSection } from './runs-section.js';
import { UsageSection } from './usage-section.js';
import { UsersSection } from './users-section.js';
import classes from './admin.module.css';

const SECTIONS: Record<string, { title: string; Section: () => ReactElement }> = {
  runs: { title: 'Runs', Section: RunsSection },
  usage: { title: 'Usage', Section: UsageSection },
  health: { title: 'Health', Section: HealthSection },
  audit: { title: 'Audit log', Section: AuditSection },
  users: { title: 'Users', Section: UsersSection },
};

/** For administrators of the tenant: what happens in it. */
export default function AdminPage({ section }: { section: string }): ReactElement {
  const shown = Object.hasOwn(SECTIONS, section) ? SECTIONS[section] : undefined;
  useTitle(isAdmin && shown ? shown.title : 'Administration');
  if (!shown) return <NotFoundPage />;
  return (
    <>
      <PageHeader title="Administration" />
      {isAdmin ? (
        <div className={classes.scroller}>
          <div className={classes.column}>
            <Sections open={section} />
            <h2 className={classes.title}>{shown.title}</h2>
            <shown.Section />
          </div>
        </div>
      ) : (
        <Refusal />
      )}
    </>
  );
}

function Sections({ open }: { open: string }): ReactElement {
  const hasAccounts = visitor.kind === 'user' && visitor.authMode === 'accounts';
  const people = hasAccounts ? [['people', 'People'] as const] : [];
  const links = [...Object.entries(SECTIONS).map(([name, { title }]) => [name, title] as const), ...people];
  return (
    <nav aria-label="Administration" className={classes.sections}>
      {links.map(([name, title]) => (
        <Link key={name} href={`/admin/${name}`} aria-current={name === open ? 'page' : undefined}>
          {title}
        </Link>
      ))}
    </nav>
  );
}

function Refusal(): ReactElement {
  return (
    <div className={states.state} role="alert">
      <IconLock size={28} stroke={1.5} aria-hidden />
      <h2>Only administrators see this page</h2>
      <p>You are signed in, but not as an administrator. Ask one of yours if you need something from here.</p>
    </div>
  );
}
