import { BASE64, type Draw, HEX, URL_SAFE, WORD } from './draw.ts';
import { carry, type SecretKind } from './seed.ts';

/** A place of a connection's secret: `%` is the secret, `@name` words are made up. */
function dialect(kind: string, forms: readonly string[], make: (draw: Draw) => string = (draw) => draw.password()): SecretKind {
  return [
    kind,
    (draw) => {
      const secret = make(draw);
      const text = draw.one(forms).replaceAll('~', draw.name());
      return carry(
        text.replace('%', () => secret),
        secret,
      );
    },
  ];
}

const inUrl = (draw: Draw) => encodeURIComponent(draw.password());

/** Connection strings of the drivers, URLs with credentials in them, and webhook addresses. */
export const CONNECTION_KINDS: readonly SecretKind[] = [
  dialect('postgres url', ['postgres://~:%@db.~.svc:5432/~?sslmode=require', 'dial postgresql://~:%@10.2.3.4/~ failed'], inUrl),
  dialect('mysql url', ['mysql://~:%@~-mysql:3306/~', 'mysql2://root:%@127.0.0.1/~?pool=5'], inUrl),
  dialect(
    'mongodb url',
    ['mongodb+srv://~:%@cluster0.~.mongodb.net/?retryWrites=true', 'mongodb://~:%@m-0.~:27017,m-1.~:27017/admin?replicaSet=rs0'],
    inUrl,
  ),
  dialect('redis url', ['redis://:%@~-redis:6379/0', 'rediss://default:%@~.upstash.io:6379'], inUrl),
  dialect('amqp url', ['amqp://~:%@rabbit.~:5672/~', 'connecting to amqps://~:%@mq.~.example'], inUrl),
  dialect(
    'sqlalchemy url',
    ['postgresql+psycopg2://~:%@pg/~', 'mysql+pymysql://~:%@~/~?charset=utf8mb4', 'oracle+cx_oracle://~:%@~:1521/?service_name=x'],
    inUrl,
  ),
  dialect(
    'url with raw marks in the password',
    ['postgres://~:%@db.~.example:5432/~'],
    (d) => `${d.name()}#${d.name()}/${d.text(WORD, 6)}`,
  ),
  dialect('url with an at sign in the password', ['mysql://~:%@db.~.example:3306/~'], (d) => `${d.name()}@${d.text(WORD, 8)}`),
  dialect('go mysql dsn', ['~:%@tcp(~-mysql:3306)/~?parseTime=true', '~:%@unix(/var/run/mysqld.sock)/~']),
  dialect('libpq keywords', [
    'host=~ port=5432 user=~ password=% dbname=~',
    "host=~ user=~ password='%' sslmode=disable",
    'user=~ dbname=~ password = %',
  ]),
  dialect('ado.net', [
    'Server=tcp:~.database.windows.net,1433;User ID=~;Password=%;Encrypt=True;',
    'Data Source=~;Initial Catalog=~;User Id=sa;Pwd=%;',
  ]),
  dialect('odbc', ['DRIVER={ODBC Driver 18 for SQL Server};SERVER=~;UID=~;PWD=%', 'Driver={PostgreSQL};Uid=~;Pwd={%};Database=~']),
  dialect('jdbc query', ['jdbc:postgresql://~:5432/~?user=~&password=%&ssl=true', 'jdbc:mysql://~/~?user=~&password=%']),
  dialect('jdbc sqlserver', ['jdbc:sqlserver://~:1433;databaseName=~;user=~;password=%;encrypt=true']),
  dialect('jdbc oracle thin', ['jdbc:oracle:thin:~/%@//~:1521/~', 'jdbc:oracle:thin:~/%@~:1521:orcl']),
  dialect('oracle sqlplus', ['sqlplus ~/%@//~:1521/~', 'sqlplus -S system/%@~']),
  dialect(
    'azure storage',
    ['DefaultEndpointsProtocol=https;AccountName=~;AccountKey=%;EndpointSuffix=core.windows.net'],
    (d) => `${d.text(BASE64, 86)}==`,
  ),
  dialect(
    'azure service bus',
    ['Endpoint=sb://~.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=%'],
    (d) => `${d.text(BASE64, 43)}=`,
  ),
  dialect('azure sas', ['https://~.blob.core.windows.net/~?sv=2022-11-02&ss=b&se=2027-01-01T00:00:00Z&sig=%'], (d) =>
    encodeURIComponent(`${d.text(BASE64, 43)}=`),
  ),
  dialect('azure client secret', ['AADSTS7000215: client ~ sent %, which is wrong'], (d) => `${d.text(WORD, 3)}8Q~${d.text(URL_SAFE, 34)}`),
  dialect('s3 presigned', ['https://~.s3.amazonaws.com/~?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=900&X-Amz-Signature=%'], (d) =>
    d.text(HEX, 64),
  ),
  dialect('gcs signed url', ['https://storage.googleapis.com/~/~?GoogleAccessId=~&Expires=1790000000&Signature=%'], (d) =>
    encodeURIComponent(`${d.text(BASE64, 342)}==`),
  ),
  dialect('slack webhook', ['https://hooks.slack.com/services/T0AB12CD3/B0EF45GH6/%'], (d) => d.text(WORD, 24)),
  dialect(
    'teams webhook',
    [
      'https://~.webhook.office.com/webhookb2/0b1c2d3e-1111-4222-8333-944455566677@0b1c2d3e-1111-4222-8333-944455566677/IncomingWebhook/%/0b1c2d3e-1111-4222-8333-944455566677',
    ],
    (d) => d.text(HEX, 32),
  ),
  dialect(
    'discord webhook',
    ['https://discord.com/api/webhooks/1023456789012345678/%', 'POST https://discordapp.com/api/webhooks/98765432109876543/% 429'],
    (d) => d.text(URL_SAFE, 68),
  ),
  dialect('telegram api url', ['https://api.telegram.org/bot7012345678:%/sendMessage'], (d) => `AA${d.text(URL_SAFE, 33)}`),
  dialect('basic auth url', ['https://~:%@nexus.~.example/repository/maven', 'fatal: unable to access http://~:%@git.~/x.git/'], inUrl),
  dialect('git url with token user', ['https://oauth2:%@gitlab.~.example/~/~.git', 'https://x-access-token:%@github.com/~/~'], (d) =>
    d.random(40),
  ),
  dialect('git url with token alone', ['https://%@github.com/~/~.git'], (d) => d.text(HEX, 40)),
  dialect(
    'token in a query',
    ['GET /api/~?page=2&access_token=% HTTP/1.1', 'https://~.example/hook?token=%&x=1', '/v1/data?api_key=%', '/cb?client_secret=%&a=b'],
    (d) => d.random(28),
  ),
  dialect('sentry dsn with secret', ['https://0123456789abcdef0123456789abcdef:%@sentry.~.example/42'], (d) => d.text(HEX, 32)),
  dialect('ldap bind', ['ldap_default_authtok = %', 'ldapsearch -x -D cn=admin,dc=~ -w % -b dc=~', 'LDAP_BIND_CREDENTIALS=%']),
  dialect('smtp url', ['smtp://~:%@mail.~.example:587', 'smtps://apikey:%@smtp.sendgrid.net:465'], inUrl),
  dialect('kafka jaas', ['sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="~" password="%";']),
  dialect('nats url', ['nats://~:%@nats.~:4222', 'nats://%@nats.~:4222'], (d) => d.random(22)),
  dialect('celery settings', ["broker_url='redis://:%@~:6379/1'", 'CELERY_RESULT_BACKEND=db+postgresql://~:%@~/~'], inUrl),
  dialect('cloudinary', ['CLOUDINARY_URL=cloudinary://874837483274837:%@~'], (d) => d.text(URL_SAFE, 27)),
  [
    'percent-encoded url inside a url',
    (draw) => {
      const password = draw.random(16);
      const inner = encodeURIComponent(`postgres://app:${password}@db/x`);
      return carry(draw.one([`https://sso.example/login?next=${inner}`, `redirect=${inner}&a=1`]), password);
    },
  ],
];
