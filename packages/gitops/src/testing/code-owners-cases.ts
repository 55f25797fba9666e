import type { CodeOwnersDialect } from '../governance/code-owners.ts';

/**
 * What a path needs under a CODEOWNERS file, in the words of the cases: owners joined by `|`, `2x` in front for two approvals, `?` for a line
 * that is not understood, nothing for a path without required owners.
 */
export type ExpectedOwners = readonly string[];

/** One file, and what several paths need under it. */
export interface CodeOwnersCase {
  readonly dialect: CodeOwnersDialect;
  readonly text: string;
  readonly paths: Readonly<Record<string, ExpectedOwners>>;
}

const NONE: ExpectedOwners = [];

/*
 * Each file follows a sentence or an example in the documents of the forge:
 * https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
 */
const GITHUB: readonly Omit<CodeOwnersCase, 'dialect'>[] = [
  { text: '', paths: { a: NONE, 'a/b': NONE } },
  { text: '# only a comment\n\n   # and another\n', paths: { 'README.md': NONE } },
  { text: '* @all', paths: { a: ['@all'], 'a/b/c.txt': ['@all'], '.hidden': ['@all'], 'a/.hidden/x': ['@all'], 'ünï/☃': ['@all'] } },
  { text: '*       @one @two', paths: { 'x.js': ['@one|@two'] } },
  {
    text: '* @all\n*.js    @js #This is a comment.',
    paths: { 'a.js': ['@js'], 'deep/er/a.js': ['@js'], 'a.ts': ['@all'], 'a.js.txt': ['@all'], '.js': ['@js'] },
  },
  { text: '*.go docs@example.com', paths: { 'main.go': ['docs@example.com'], 'a/b/main.go': ['docs@example.com'], 'main.gone': NONE } },
  { text: '*.txt @octo-org/octocats', paths: { 'a.txt': ['@octo-org/octocats'], 'x/a.txt': ['@octo-org/octocats'] } },
  {
    text: '/build/logs/ @doctocat',
    paths: {
      'build/logs/a.log': ['@doctocat'],
      'build/logs/deep/a.log': ['@doctocat'],
      'x/build/logs/a.log': NONE,
      'build/logs': NONE,
      'build/logsx/a': NONE,
    },
  },
  {
    text: 'docs/* docs@example.com',
    paths: { 'docs/getting-started.md': ['docs@example.com'], 'docs/build-app/troubleshooting.md': NONE, 'x/docs/a.md': NONE, docs: NONE },
  },
  {
    text: 'apps/ @octocat',
    paths: { 'apps/a': ['@octocat'], 'x/apps/a': ['@octocat'], 'x/apps/y/z': ['@octocat'], 'apps.txt': NONE, apps: NONE },
  },
  { text: '/docs/ @doctocat', paths: { 'docs/a': ['@doctocat'], 'docs/a/b': ['@doctocat'], 'x/docs/a': NONE } },
  { text: '/scripts/ @doctocat @octocat', paths: { 'scripts/run.sh': ['@doctocat|@octocat'] } },
  {
    text: '**/logs @octocat',
    paths: {
      'build/logs': ['@octocat'],
      'scripts/logs/a': ['@octocat'],
      'deeply/nested/logs/x/y': ['@octocat'],
      'logs/a': ['@octocat'],
      'blogs/a': NONE,
    },
  },
  {
    text: '/apps/ @octocat\n/apps/github',
    paths: { 'apps/a': ['@octocat'], 'apps/github': NONE, 'apps/github/a': NONE, 'apps/github/deep/a': NONE, 'apps/githubx': ['@octocat'] },
  },
  { text: '/apps/ @octocat\n/apps/github @doctocat', paths: { 'apps/github/x': ['@doctocat'], 'apps/other': ['@octocat'] } },
  { text: '/a @first\n/a @second', paths: { a: ['@second'], 'a/b': ['@second'] } },
  { text: '/a @first\n* @all', paths: { a: ['@all'] } },
  { text: '/shop @shop', paths: { shop: ['@shop'], 'shop/x.yaml': ['@shop'], 'shopping/x.yaml': NONE, 'x/shop': NONE } },
  { text: 'shop @shop', paths: { shop: ['@shop'], 'x/shop': ['@shop'], 'x/shop/y': ['@shop'], workshop: NONE } },
  { text: '/a.c @x', paths: { 'a.c': ['@x'], abc: NONE } },
  { text: '/shop/*.yaml @shop', paths: { 'shop/x.yaml': ['@shop'], 'shop/deep/x.yaml': NONE, 'shop/.yaml': ['@shop'] } },
  {
    text: '/shop/**/x.yaml @shop',
    paths: { 'shop/x.yaml': ['@shop'], 'shop/a/x.yaml': ['@shop'], 'shop/a/b/x.yaml': ['@shop'], 'x.yaml': NONE },
  },
  { text: '/shop/** @shop', paths: { 'shop/a': ['@shop'], 'shop/a/b': ['@shop'], shop: NONE } },
  { text: '** @all', paths: { a: ['@all'], 'a/b': ['@all'] } },
  { text: '/shop/orders*.yaml @a @b', paths: { 'shop/orders-db.yaml': ['@a|@b'], 'shop/orders.yaml': ['@a|@b'], 'shop/order.yaml': NONE } },
  { text: '/a?c @x', paths: { abc: ['@x'], 'a/c': NONE, ac: NONE, 'abc/d': ['@x'] } },
  { text: '/*/x @x', paths: { 'a/x': ['@x'], x: NONE, 'a/b/x': NONE } },
  { text: '/a/*/c/ @x', paths: { 'a/b/c/d': ['@x'], 'a/b/c': NONE, 'a/b/d/c/x': NONE } },
  { text: 'my\\ file.txt @x', paths: { 'my file.txt': ['@x'], 'a/my file.txt': ['@x'], my: NONE } },
  { text: '/path\\ with\\ spaces/ @x', paths: { 'path with spaces/a': ['@x'] } },
  { text: '/a\\*b @x', paths: { 'a*b': ['@x'], axb: NONE } },
  { text: '/a#b @x', paths: { 'a#b': ['@x'], a: NONE } },
  { text: '/a @x#y', paths: { a: ['?'], b: NONE } },
  { text: '/a @x # @y', paths: { a: ['@x'] } },
  { text: '/a # nobody', paths: { a: NONE } },
  { text: '  /a   @x  ', paths: { a: ['@x'] } },
  { text: '\t/a\t@x\t@y', paths: { a: ['@x|@y'] } },
  { text: '\uFEFF/a @x', paths: { a: ['@x'] } },
  { text: '/a @x\r\n/b @y\r\n', paths: { a: ['@x'], b: ['@y'] } },
  { text: '/A @x', paths: { A: ['@x'], a: NONE } },
  { text: '* @all\n!/docs/ @docs', paths: { 'docs/a': ['?'], 'src/a': ['@all'] } },
  { text: '!/docs/', paths: { 'docs/a': ['?'], 'src/a': NONE } },
  { text: '* @all\n/src/[ab].txt @x', paths: { 'src/a.txt': ['?'], 'src/zebra.txt': ['?'], 'src/a.js': ['@all'], 'lib/a.txt': ['@all'] } },
  { text: '/src/[ab].txt @x\n/src/ @later', paths: { 'src/a.txt': ['@later'] } },
  { text: '/src/[ab @x', paths: { 'src/a': ['?'], 'lib/a': NONE } },
  { text: '\\#file @x', paths: { '#file': ['?'], file: NONE } },
  { text: '/a noat', paths: { a: ['?'], b: NONE } },
  { text: '/a @x noat', paths: { a: ['?'] } },
  { text: '/a @', paths: { a: ['?'] } },
  { text: '/a @@x', paths: { a: ['?'] } },
  { text: '/a @org/team/sub', paths: { a: ['?'] } },
  { text: '/a @org/', paths: { a: ['?'] } },
  { text: '/a @x,@y', paths: { a: ['?'] } },
  { text: '/a team@', paths: { a: ['?'] } },
  { text: '/ @x', paths: { a: ['?'] } },
  { text: '/a\\', paths: { a: ['?'] } },
  { text: '[Section]\n* @all', paths: { a: ['@all'] } },
  { text: '* @all\n[Section] @x', paths: { Section: ['?'] } },
  { text: '*.md @docs\n/*.md @root', paths: { 'a.md': ['@root'], 'x/a.md': ['@docs'] } },
  { text: '*.tar.* @x', paths: { 'a.tar.gz': ['@x'], 'a.tar': NONE } },
  { text: '/****/a @x', paths: { 'b/a': ['@x'], a: NONE } },
  { text: '/a**b @x', paths: { axxb: ['@x'], 'ax/xb': NONE } },
  { text: `/${'*a'.repeat(30)}b @x`, paths: { ['a'.repeat(2_000)]: NONE, [`${'a'.repeat(60)}b`]: ['@x'] } },
  { text: `/${'**/'.repeat(40)}b @x`, paths: { ['a/'.repeat(200)]: NONE, [`${'a/'.repeat(200)}b`]: ['@x'] } },
];

/* https://docs.gitlab.com/user/project/codeowners/reference/ and https://docs.gitlab.com/user/project/codeowners/advanced/ */
const GITLAB: readonly Omit<CodeOwnersCase, 'dialect'>[] = [
  { text: '', paths: { a: NONE } },
  { text: '# comment', paths: { a: NONE } },
  { text: '* @default-owner', paths: { a: ['@default-owner'], 'a/b/c': ['@default-owner'], '.x': ['@default-owner'] } },
  {
    text: 'README.md @doc-team @tech-lead',
    paths: {
      'README.md': ['@doc-team|@tech-lead'],
      'internal/README.md': ['@doc-team|@tech-lead'],
      'app/lib/README.md': ['@doc-team|@tech-lead'],
    },
  },
  { text: '/README.md @x', paths: { 'README.md': ['@x'], 'docs/README.md': NONE } },
  { text: '/docs/README.md @x', paths: { 'docs/README.md': ['@x'], 'README.md': NONE, 'a/docs/README.md': NONE } },
  {
    text: 'internal/README.md @x',
    paths: { 'internal/README.md': ['@x'], 'docs/internal/README.md': ['@x'], 'docs/api/internal/README.md': ['@x'], 'README.md': NONE },
  },
  { text: '*.rb @ruby-owner', paths: { 'a.rb': ['@ruby-owner'], 'x/y.rb': ['@ruby-owner'], 'a.rbx': NONE } },
  { text: 'LICENSE @legal janedoe@gitlab.com', paths: { LICENSE: ['@legal|janedoe@gitlab.com'] } },
  { text: 'README @group @group/with-nested/subgroup', paths: { README: ['@group|@group/with-nested/subgroup'] } },
  { text: '/docs/ @all-docs', paths: { 'docs/a': ['@all-docs'], 'docs/a/b': ['@all-docs'], 'x/docs/a': NONE, docs: NONE } },
  { text: 'docs/ @x', paths: { 'docs/a': ['@x'], 'a/docs/b/c': ['@x'], docs: NONE } },
  { text: '/docs @x', paths: { docs: ['@x'], 'docs/a': NONE } },
  { text: '/docs/* @root-docs', paths: { 'docs/a': ['@root-docs'], 'docs/a/b': NONE } },
  { text: '/docs/** @x', paths: { 'docs/a': ['@x'], 'docs/a/b': NONE } },
  { text: '/docs/**/*.md @m', paths: { 'docs/a.md': ['@m'], 'docs/x/y/a.md': ['@m'], 'a.md': NONE } },
  { text: '/db/**/index.md @i', paths: { 'db/index.md': ['@i'], 'db/x/index.md': ['@i'], 'index.md': NONE } },
  { text: '/docs/index.* @x', paths: { 'docs/index.md': ['@x'], 'docs/index.': ['@x'], 'docs/index': NONE } },
  {
    text: '/docs/*spec* @x',
    paths: { 'docs/qa_specs.rb': ['@x'], 'docs/spec_helpers.rb': ['@x'], 'docs/runtime.spec': ['@x'], 'docs/x/spec': NONE },
  },
  { text: '/docs/*/README.md @x', paths: { 'docs/api/README.md': ['@x'], 'docs/README.md': NONE, 'docs/a/b/README.md': NONE } },
  { text: '/config/ @@maintainer', paths: { 'config/a': ['@@maintainer'] } },
  { text: 'file.md @@developer @@maintainer', paths: { 'file.md': ['@@developer|@@maintainer'] } },
  { text: '*.md @doc-team\nterms.md @legal-team', paths: { 'terms.md': ['@legal-team'], 'other.md': ['@doc-team'] } },
  {
    text: '* @admin\n\n[README Owners]\nREADME.md @user1 @user2\ninternal/README.md @user4\n\n[README other owners]\nREADME.md @user3',
    paths: { 'README.md': ['@admin', '@user1|@user2', '@user3'], 'internal/README.md': ['@admin', '@user4', '@user3'], other: ['@admin'] },
  },
  {
    text: '[Documentation] @docs-team\ndocs/\nREADME.md\n\n[Database] @database-team @agarcia\nmodel/db/\nconfig/db/database-setup.md @docs-team',
    paths: {
      'docs/a': ['@docs-team'],
      'README.md': ['@docs-team'],
      'model/db/x': ['@database-team|@agarcia'],
      'config/db/database-setup.md': ['@docs-team'],
      'model/db/README.md': ['@docs-team', '@database-team|@agarcia'],
      other: NONE,
    },
  },
  {
    text: '* @general-approvers\n\n[Documentation] @docs-team\ndocs/\nREADME.md\n*.txt\n\n[Database] @database-team\nmodel/db/\nconfig/db/database-setup.md @docs-team',
    paths: {
      'model/db/CHANGELOG.txt': ['@general-approvers', '@docs-team', '@database-team'],
      'config/db/database-setup.md': ['@general-approvers', '@docs-team'],
      'a.js': ['@general-approvers'],
    },
  },
  {
    text: '[Documentation]\n*.md @root\n\n[Ruby]\n*.rb @root\n\n^[Go]\n*.go @root',
    paths: { 'a.md': ['@root'], 'a.rb': ['@root'], 'a.go': NONE },
  },
  { text: '^[Go]\n*.go @a\n[go]\n*.go @b', paths: { 'x.go': ['@b'] } },
  { text: '[Go]\n*.go @a\n^[GO]\n*.mod @b', paths: { 'x.go': ['@a'], 'x.mod': ['@b'] } },
  {
    text: '[Documentation][2]\n*.md @tech-writer-team\n\n[Ruby]\n*.rb @dev-team',
    paths: { 'a.md': ['2x@tech-writer-team'], 'a.rb': ['@dev-team'] },
  },
  { text: '[Documentation][2] @docs-team\ndocs/\nREADME.md', paths: { 'docs/x': ['2x@docs-team'], 'README.md': ['2x@docs-team'] } },
  { text: '^[Database][3] @database-team\nmodel/db/', paths: { 'model/db/x': NONE } },
  { text: '[A][0]\n* @x', paths: { a: ['@x'] } },
  { text: '[A][-1]\n* @x', paths: { a: ['@x'] } },
  { text: '[A][two]\n* @x', paths: { a: ['@x'] } },
  { text: '[A][1]\n* @x', paths: { a: ['@x'] } },
  { text: '[A][2]\n*.a @x\n[a][3]\n*.b @y', paths: { 'f.a': ['3x@x'], 'f.b': ['3x@y'] } },
  { text: '[Section name][2] @group @subgroup\n*', paths: { a: ['2x@group|@subgroup'] } },
  {
    text: '[Documentation]\nee/docs/ @docs\ndocs/ @docs\n\n[Database]\nREADME.md @database\nmodel/db/ @database\n\n[DOCUMENTATION]\nREADME.md @docs',
    paths: { 'README.md': ['@docs', '@database'], 'ee/docs/x': ['@docs'], 'model/db/README.md': ['@docs', '@database'] },
  },
  {
    text: '* @username\n!pom.xml\n\n[Ruby]\n*.rb @ruby-team\n!/config/**/*.rb',
    paths: {
      'pom.xml': NONE,
      'x/pom.xml': NONE,
      'a.rb': ['@username', '@ruby-team'],
      'config/x/a.rb': ['@username'],
      'config/a.rb': ['@username'],
    },
  },
  {
    text: '* @default-owner\n!*.rb # Excludes all Ruby files.\n/special/*.rb @ruby-owner',
    paths: { 'special/a.rb': NONE, 'special/a.py': ['@default-owner'] },
  },
  {
    text: '[Ruby]\n*.rb @ruby-team\n!/config/**/*.rb\n/config/routes.rb @ops',
    paths: { 'config/routes.rb': NONE, 'routes.rb': ['@ruby-team'] },
  },
  {
    text: '[Ruby]\n*.rb @ruby-team\n!/config/**/*.rb\n\n[Config]\n/config/ @ops-team',
    paths: { 'config/a.rb': ['@ops-team'], 'a.rb': ['@ruby-team'] },
  },
  {
    text: '* @d\n!package-lock.json\n!**/generated/\n!.gitlab-ci.yml',
    paths: { 'package-lock.json': NONE, 'a/generated/x/y': NONE, 'generated/x': NONE, '.gitlab-ci.yml': NONE, 'a.js': ['@d'] },
  },
  { text: '!/a\n* @d', paths: { a: NONE, b: ['@d'] } },
  { text: 'path\\ with\\ spaces/*.md @owner', paths: { 'path with spaces/a.md': ['@owner'], 'x/path with spaces/a.md': ['@owner'] } },
  { text: 'folder with spaces/*.md @group', paths: { folder: ['@group'], 'x/folder': ['@group'], 'folder with spaces/a.md': NONE } },
  { text: '\\#file_with_pound.rb @x', paths: { '#file_with_pound.rb': ['@x'] } },
  { text: '* @group\n\n[Section name\ndocs/ @docs_group', paths: { 'docs/a': ['@docs_group'], a: ['?'] } },
  { text: '[Docs]\ndocs/**/* @group\n\nSection] name\ndocs/ @docs_group', paths: { 'docs/a': ['@docs_group'], a: NONE } },
  { text: '/path/* @group user_without_at_symbol @user_with_at_symbol', paths: { 'path/a': ['@group|@user_with_at_symbol'] } },
  { text: '/path/* nobody at all', paths: { 'path/a': ['?'], other: NONE } },
  { text: '* @all\n/free/', paths: { 'free/x': NONE, x: ['@all'] } },
  { text: '[S]\n* @all\n/free/', paths: { 'free/x': NONE } },
  { text: '[S] @d\n* @all\n/free/', paths: { 'free/x': ['@d'] } },
  { text: '[S] @d\n*.a\n[T]\n*.b', paths: { 'x.a': ['@d'], 'x.b': NONE } },
  { text: '/a[bc]d @x', paths: { abd: ['@x'], acd: ['@x'], aed: NONE } },
  { text: '/a[b-d]e @x', paths: { ace: ['@x'], aae: NONE } },
  { text: '/a[!b]c @x', paths: { axc: ['@x'], abc: NONE } },
  { text: '/a[^b]c @x', paths: { axc: ['@x'], abc: NONE } },
  { text: '/a\\*b @x', paths: { 'a*b': ['@x'], axb: NONE } },
  { text: '/a?c @x', paths: { abc: ['@x'], 'a/c': NONE } },
  { text: '/{a,b} @x', paths: { '{a,b}': ['@x'], a: NONE } },
  { text: '/A @x', paths: { A: ['@x'], a: NONE } },
  { text: '/a @x # @y mentioned', paths: { a: ['@x|@y'] } },
  { text: '/a\t@x', paths: { a: ['@x'] } },
  { text: '  [S]  \n  /a @x', paths: { a: ['@x'] } },
  { text: '[S]\r\n/a @x\r\n', paths: { a: ['@x'] } },
  { text: '/a\\', paths: { a: ['?'] } },
  { text: `/${'*a'.repeat(30)}b @x`, paths: { ['a'.repeat(2_000)]: NONE } },
  { text: `${'**/'.repeat(40)}b @x`, paths: { [`${'a/'.repeat(200)}b`]: ['@x'], ['a/'.repeat(200)]: NONE } },
];

/* https://docs.gitea.com/usage/repository/code-owners */
const GITEA: readonly Omit<CodeOwnersCase, 'dialect'>[] = [
  { text: '', paths: { a: NONE } },
  { text: '# Comment too', paths: { a: NONE } },
  { text: '.* @all', paths: { a: ['@all'], 'a/b/c': ['@all'] } },
  {
    text: '.*\\\\.go @user1 @user2 # This is comment',
    paths: { 'main.go': ['@user1|@user2'], 'a/b.go': ['@user1|@user2'], 'main.gox': NONE, maingo: NONE },
  },
  { text: '.*\\.go @x', paths: { 'main.go': ['@x'], maingo: ['@x'], go: NONE } },
  {
    text: 'frontend/src/.*\\\\.js @org1/team1 @org1/team2 @user3',
    paths: {
      'frontend/src/a.js': ['@org1/team1|@org1/team2|@user3'],
      'frontend/src/x/a.js': ['@org1/team1|@org1/team2|@user3'],
      'x/frontend/src/a.js': NONE,
    },
  },
  {
    text: '!frontend/src/.* @org1/team3 @user5',
    paths: { 'backend/a': ['@org1/team3|@user5'], 'frontend/src/a': NONE, 'frontend/a': ['@org1/team3|@user5'] },
  },
  {
    text: 'docs/(aws|google|azure)/[^/]*\\\\.(md|txt) @user8 @org1/team4',
    paths: {
      'docs/aws/a.md': ['@user8|@org1/team4'],
      'docs/azure/b.txt': ['@user8|@org1/team4'],
      'docs/ibm/a.md': NONE,
      'docs/aws/x/a.md': NONE,
      'docs/aws/a.rst': NONE,
    },
  },
  { text: '!assets/.*\\\\.(bin|exe|msi) @user9', paths: { 'assets/a.bin': NONE, 'assets/a.txt': ['@user9'], other: ['@user9'] } },
  { text: 'dir/with\\#hashtag @user1', paths: { 'dir/with#hashtag': ['@user1'] } },
  { text: 'path\\ with\\ space @user2', paths: { 'path with space': ['@user2'] } },
  { text: 'path/\\\\.with\\\\.dots @x', paths: { 'path/.with.dots': ['@x'], 'path/xwithxdots': NONE } },
  { text: 'path/with\\\\+plus @x', paths: { 'path/with+plus': ['@x'], 'path/withhplus': NONE } },
  { text: '.* @a\nshop/.* @b', paths: { 'shop/x': ['@a', '@b'], x: ['@a'] } },
  { text: 'shop/.* @b\n.* @a', paths: { 'shop/x': ['@b', '@a'] } },
  { text: 'a @x', paths: { a: ['@x'], ab: NONE, 'x/a': NONE } },
  { text: '/a @x', paths: { a: ['@x'], 'x/a': NONE } },
  { text: 'a|b @x', paths: { a: ['@x'], b: ['@x'], ab: NONE, ba: NONE } },
  { text: '(?i)readme\\\\.md @x', paths: { 'README.md': ['@x'], 'Readme.MD': ['@x'] } },
  { text: '[a-c]+ @x', paths: { abc: ['@x'], abd: NONE } },
  { text: '\\\\w+/\\\\d+ @x', paths: { 'a/1': ['@x'], 'a/b': NONE } },
  { text: 'a user', paths: { a: ['user'] } },
  { text: '* @x', paths: { a: ['?'], 'b/c': ['?'] } },
  { text: '+a @x', paths: { a: ['?'] } },
  { text: '(a @x', paths: { a: ['?'], b: ['?'] } },
  { text: 'a(?=b) @x', paths: { a: ['?'] } },
  { text: '(a)\\\\1 @x', paths: { aa: ['?'] } },
  { text: '[a @x', paths: { a: ['?'] } },
  { text: 'a', paths: { a: ['?'], b: NONE } },
  { text: 'a # nobody', paths: { a: ['?'] } },
  { text: 'a @org/team/sub', paths: { a: ['?'], b: NONE } },
  { text: 'a someone@example.com', paths: { a: ['?'] } },
  { text: 'a @x @', paths: { a: ['?'] } },
  { text: 'a @x\r\nb @y\r\n', paths: { a: ['@x'], b: ['@y'] } },
  { text: '\ta\t@x', paths: { a: ['@x'] } },
  { text: '  a   @x   @y  ', paths: { a: ['@x|@y'] } },
  { text: '\uFEFFa @x', paths: { a: ['@x'] } },
  { text: '[Section]\n.* @x', paths: { a: ['@x'], S: ['?', '@x'] } },
  { text: '!.* @x', paths: { a: NONE } },
  { text: '! @x', paths: { a: ['@x'] } },
  { text: '!(a @x', paths: { a: ['?'], b: ['?'] } },
  { text: '(a+)+b @x', paths: { ['a'.repeat(5_000)]: NONE, aab: ['@x'] } },
  { text: '(a|a)*b @x', paths: { ['a'.repeat(5_000)]: NONE } },
  { text: '(.*)*(.*)*(.*)*x @x', paths: { ['a'.repeat(5_000)]: NONE } },
  { text: '.*ü☃.* @x', paths: { 'a/ü☃/b': ['@x'] } },
];

/** Every case, each with the grammar it is written in. */
export const CODE_OWNERS_CASES: readonly CodeOwnersCase[] = [
  ...GITHUB.map((one) => ({ dialect: 'github' as const, ...one })),
  ...GITLAB.map((one) => ({ dialect: 'gitlab' as const, ...one })),
  ...GITEA.map((one) => ({ dialect: 'gitea' as const, ...one })),
];
