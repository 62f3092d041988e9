/** A short conversation, and what is to be known after it: for each fact, words that its record has in it. */
export interface Conversation {
  language: string;
  /** What the user says, and with `A:` before it, what the assistant says. */
  said: string[];
  facts: string[][];
}

export const conversations: Conversation[] = [
  {
    language: 'en',
    said: [
      "Hi there! I'm Nadia, a paediatric nurse from Leeds. How are you?",
      "A: Hello Nadia! I'm fine. How can I help you?",
      "I'm looking for a birthday present for my son Omar. He turns 8 on March 14 and loves dinosaurs.",
      'A: How about a fossil digging kit?',
      "That's a great idea! My budget is 40 pounds. Can you find me one?",
    ],
    facts: [
      ['Nadia', 'nurse', 'Leeds'],
      ['son Omar', '8', 'March 14', 'dinosaurs'],
      ['budget', '40'],
    ],
  },
  {
    language: 'en',
    said: [
      'Our checkout service runs on Kubernetes in eu-west-1. Yesterday it crashed twice.',
      'A: What do the logs say?',
      "It's an out-of-memory error. Let me paste the code:\n```js\nconst cache = new Map();\n```",
      'A: The root cause is that the cache grows without bounds.',
      'Ok. We decided to use Redis with a 10 minute TTL instead. What would you write in the post-mortem?',
    ],
    facts: [
      ['checkout service', 'Kubernetes', 'eu-west-1'],
      ['crashed twice'],
      ['root cause', 'cache'],
      ['Redis', '10 minute'],
    ],
  },
  {
    language: 'en',
    said: [
      "I'm vegetarian and my wife is allergic to walnuts. What can we cook on Sunday?",
      'A: A mushroom risotto would be nice.',
      'Hmm, I hate mushrooms. Something with chickpeas?',
      'A: Chickpea curry then.',
      "Perfect, thanks! If I were a better cook I'd try a soufflé.",
    ],
    facts: [['vegetarian'], ['wife', 'allergic', 'walnuts'], ['hates mushrooms']],
  },
  {
    language: 'en',
    said: [
      'Please remember that my flight LH 2471 to Oslo leaves at 7:35 on Friday.',
      'A: Noted.',
      "Actually, it leaves at 8:10. And I've booked the aisle seat 14C.",
      'Write me a packing list, please.',
      'A: 1. Passport\n2. Charger\n3. Warm jacket',
      "Lol, I could pack my whole house, just kidding. By the way, I'll stay at the Thon Hotel until Monday.",
    ],
    facts: [['LH 2471', 'Oslo', '7:35'], ['8:10'], ['aisle seat', '14C'], ['Thon Hotel']],
  },
  {
    language: 'en',
    said: [
      "Good morning! I used to work at Initech, but I've moved to Hooli in January. I'm a product manager there.",
      'A: Congratulations!',
      'My manager is Priya and we have a planning meeting every Tuesday at 10. She prefers short reports.',
      'Could you draft an agenda?',
      'A: Sure. Who will attend?',
      'Priya, Tom and me.',
    ],
    facts: [
      ['Initech'],
      ['Hooli', 'January'],
      ['product manager'],
      ['manager is Priya'],
      ['meeting', 'Tuesday'],
      ['short reports'],
    ],
  },
  {
    language: 'en',
    said: [
      "I've been learning Japanese for two years because I want to move to Kyoto in 2027.",
      'A: How much do you study?',
      'About an hour a day, mostly with flash cards. Is that enough?',
      'A: So your goal is to pass the N2 exam next July?',
      "Yes, exactly. I don't know how to motivate myself though.",
    ],
    facts: [['learning Japanese'], ['Kyoto', '2027'], ['hour a day'], ['N2 exam']],
  },
  {
    language: 'en',
    said: [
      'hello',
      'A: Hi! What can I do for you?',
      'What is the tallest mountain in Spain?',
      'A: Teide, with 3,715 metres.',
      'Cool, thanks. Translate "good night" into Spanish.',
      'A: Buenas noches.',
      "You're the best. Bye!",
    ],
    facts: [],
  },
  {
    language: 'de',
    said: [
      'Hallo! Ich heiße Jonas und wohne seit 2020 in Leipzig.',
      'A: Hallo Jonas, was kann ich für dich tun?',
      'Kannst du mir ein Fahrrad empfehlen? Ich bin 1,92 m groß und fahre jeden Tag 15 km zur Arbeit.',
      'A: Ein Trekkingrad wäre gut.',
      'Danke! Mein Budget liegt bei 1200 Euro. Ach ja, mein altes Rad wurde gestern gestohlen.',
    ],
    facts: [['Jonas'], ['2020', 'Leipzig'], ['1,92'], ['15 km'], ['1200'], ['gestohlen']],
  },
  {
    language: 'de',
    said: [
      'Merk dir bitte: Meine Tochter Lena ist gegen Erdbeeren allergisch.',
      'A: Das habe ich mir gemerkt.',
      'Schreib mir ein Rezept für einen Geburtstagskuchen. Wir feiern am Samstag mit 12 Kindern.',
      'A: Ein Schokoladenkuchen wäre passend.',
      'Nein, Lena mag keine Schokolade. Was gibt es sonst?',
    ],
    facts: [['Lena', 'Erdbeeren'], ['feiern', 'Samstag', '12'], ['keine Schokolade']],
  },
  {
    language: 'es',
    said: [
      '¡Hola! Me llamo Lucía y soy arquitecta en Bilbao. ¿Qué tal?',
      'A: ¡Hola Lucía! ¿En qué puedo ayudarte?',
      'Necesito ideas para un viaje. Viajo con mis dos hijos en agosto y no nos gusta la playa.',
      'A: ¿Qué tal los Pirineos?',
      'Me parece bien, gracias. Recuerda que mi hijo pequeño se marea en el coche.',
    ],
    facts: [['Lucía'], ['arquitecta', 'Bilbao'], ['dos hijos', 'agosto'], ['se marea']],
  },
  {
    language: 'es',
    said: [
      'Trabajo en una startup y usamos Django con PostgreSQL.',
      'A: ¿Cuál es el problema?',
      'Las consultas tardan 4 segundos. ¿Cómo puedo optimizarlas?',
      'A: El problema es que falta un índice en la columna email.',
      'En realidad, ahora usamos MySQL. Escribe el índice, por favor.',
    ],
    facts: [['startup', 'Django'], ['4 segundos'], ['índice'], ['MySQL']],
  },
  {
    language: 'zh',
    said: [
      '你好！我叫王芳，是上海的一名小学老师。',
      'A: 您好，王芳！有什么可以帮您？',
      '我女儿今年六岁，对牛奶过敏。你能推荐一些早餐吗？',
      'A: 可以试试豆浆和包子。',
      '谢谢！我们下周三要去杭州旅行，帮我写一个计划。',
    ],
    facts: [['王芳', '老师'], ['女儿', '过敏'], ['杭州']],
  },
  {
    language: 'zh',
    said: [
      '请记住，我的会议改到星期五下午三点了。',
      'A: 好的，我记住了。',
      '什么是量子计算？',
      'A: 量子计算是利用量子力学的计算方式。',
      '明白了。我平时喜欢看科幻小说，最喜欢的作家是刘慈欣。',
    ],
    facts: [
      ['会议', '星期五'],
      ['科幻小说', '刘慈欣'],
    ],
  },
  {
    language: 'ja',
    said: [
      'こんにちは。私は佐藤で、大阪の銀行で働いています。',
      'A: こんにちは、佐藤さん。どうしましたか？',
      '来月フランスに出張します。おすすめのレストランを教えてください。',
      'A: パリのビストロはいかがですか？',
      'いいですね。でも、私はチーズが苦手です。妻は魚が大好きです。',
    ],
    facts: [['佐藤'], ['大阪', '銀行'], ['フランス', '出張'], ['チーズ'], ['妻', '魚']],
  },
  {
    language: 'ja',
    said: [
      '犬の名前はハナで、3歳です。覚えておいてください。',
      'A: 覚えました。',
      '会議は木曜日の午後2時に変更になりました。',
      'A: わかりました。',
      '日本で一番高い山は何ですか？ありがとうございます。',
    ],
    facts: [['ハナ', '3歳'], ['木曜日']],
  },
];

/** Written after the rules were, and not used for making them. */
export const keptAside: Conversation[] = [
  {
    language: 'en',
    said: [
      'Hey, quick question: how do I rename a git branch?',
      'A: Use git branch -m new-name.',
      'Thanks! For context, I maintain the billing repo at Northwind and our default branch is called trunk.',
      'A: Good to know.',
      "We release every second Wednesday. Also, please don't suggest GUI tools, I only use the terminal.",
    ],
    facts: [['billing', 'Northwind'], ['default branch', 'trunk'], ['release', 'Wednesday'], ['terminal']],
  },
  {
    language: 'en',
    said: [
      'My knee has been hurting since I ran the Berlin marathon in September.',
      'A: Have you seen a doctor?',
      "Yes, Dr. Weiss. She said it's a torn meniscus. I'm having surgery on December 3.",
      "What should I eat before the surgery? I'm diabetic.",
      'A: Please follow the instructions of your clinic.',
      'Fine. Haha, maybe I should just eat the hospital. Just kidding!',
    ],
    facts: [['knee', 'Berlin marathon'], ['torn meniscus'], ['surgery', 'December 3'], ['diabetic']],
  },
  {
    language: 'en',
    said: [
      'Can you translate "I live in Paris and I have two cats" into Dutch?',
      'A: Ik woon in Parijs en ik heb twee katten.',
      'Great. How would I say "my wife is a teacher"?',
      'A: Mijn vrouw is lerares.',
      'I need this because we are moving to Utrecht in the spring.',
    ],
    facts: [['Utrecht', 'spring']],
  },
  {
    language: 'en',
    said: [
      'Summarize the following text:\n> The company was founded in 1999 by Ada Smith.\n> It has 300 employees.',
      'A: The company, founded in 1999, has 300 employees.',
      'Make it shorter.',
      'A: Founded 1999, 300 employees.',
      'ok good. Note that the style guide of our newsletter forbids exclamation marks.',
    ],
    facts: [['style guide', 'exclamation marks']],
  },
  {
    language: 'de',
    said: [
      'Guten Morgen! Wir renovieren gerade unsere Küche in Graz.',
      'A: Wie kann ich helfen?',
      'Welche Farbe passt zu Eichenholz? Meine Frau mag kein Grau.',
      'A: Salbeigrün passt gut.',
      'Stimmt, das nehmen wir. Der Maler kommt am 4. Dezember.',
    ],
    facts: [
      ['Küche', 'Graz'],
      ['Frau', 'Grau'],
      ['Maler', '4. Dezember'],
    ],
  },
  {
    language: 'es',
    said: [
      'Buenas. Tengo una panadería en Sevilla y abrimos a las 6.',
      'A: ¡Qué bien! ¿En qué te ayudo?',
      'Quiero una lista de panes sin gluten. Mi socia Carmen es celíaca.',
      'A: Pan de maíz, pan de arroz.',
      'Gracias. ¿Cuál es el más barato?',
    ],
    facts: [
      ['panadería', 'Sevilla'],
      ['Carmen', 'celíaca'],
    ],
  },
  {
    language: 'zh',
    said: [
      '我是一名程序员，平时用Python写代码。',
      'A: 有什么可以帮您？',
      '帮我写一个排序函数。我们公司的代码必须有类型注解。',
      'A: 好的。',
      '谢谢。我下个月要换工作，新公司在深圳。',
    ],
    facts: [['程序员', 'Python'], ['类型注解'], ['换工作'], ['深圳']],
  },
  {
    language: 'ja',
    said: [
      '私はエンジニアで、毎朝6時に起きます。',
      'A: 早起きですね。',
      '娘が来年小学校に入学します。どんなプレゼントがいいですか？',
      'A: ランドセルはいかがですか。',
      'ありがとうございます。娘はピンクが好きです。',
    ],
    facts: [['エンジニア', '6時'], ['娘', '小学校'], ['ピンク']],
  },
];
