import { openDatabase } from '../support/client.js';
import { AccountStage, secretOf } from './accounts-stage.js';

it('what happens to accounts is in the audit log, without secrets', async () => {
  const stage = await AccountStage.start();
  const admin = await stage.setUp();
  const alice = await stage.join(admin, 'alice@company.com');
  await stage.login(alice.email, 'guess');
  await stage.login('nobody@company.com', 'guess');
  const path = `/api/accounts/${alice.id}`;
  const { body } = await admin.client.post(`${path}/reset-link`);
  const again = stage.person(await stage.use(secretOf(body.path), { password: 'the one after that' }));
  await again.client.post('/api/auth/logout');
  await admin.client.patch(path, { role: 'admin', is_disabled: true });
  await admin.client.patch(path, { role: 'user', is_disabled: false });
  const database = await openDatabase(stage.app);
  const entries = await database.connection.collection('audit_entries').find().sort({ _id: 1 }).toArray();
  await database.close();
  await stage.stop();
  const told = entries.map(({ action, by, about_user, detail }) => [action, by.subject, about_user, detail]);
  const [root, her] = [admin.id, alice.id];
  expect(told).toEqual([
    ['joined', root, root, { how: 'setup', role: 'admin' }],
    ['login', root, root, { how: 'link' }],
    ['invited', root, null, { role: 'user' }],
    ['joined', her, her, { how: 'invitation', role: 'user' }],
    ['login', her, her, { how: 'link' }],
    ['login_failed', null, her, { why: 'wrong_credentials' }],
    ['login_failed', null, null, { why: 'wrong_credentials' }],
    ['password_reset', root, her, {}],
    ['password_changed', her, her, { how: 'link' }],
    ['login', her, her, { how: 'link' }],
    ['logout', her, her, {}],
    ['account_disabled', root, her, {}],
    ['role_changed', root, her, { role: 'admin' }],
    ['account_enabled', root, her, {}],
    ['role_changed', root, her, { role: 'user' }],
  ]);
  const text = JSON.stringify(entries);
  expect(text).not.toMatch(/company\.com|guess|rp[alrs]?_|"token_id":"/);
});
