import { groups, holds, leads, set, starts, type Words, whole } from './words.ts';

const beforeIt = '(?:(?:por favor|ok|vale|bueno|y|entonces|luego|hola|gracias|pues|ahora|oye)[, ]+)*';
const commands =
  'responde|respóndeme|contesta|contéstame|habla|háblame|llámame|tutéame|trátame|usa|utiliza|siempre responde|siempre contesta|escribe|escríbeme|explica|explícame|muestra|muéstrame|dame|dime|haz|hazme|ayúdame|ayuda|busca|búscame|encuentra|enumera|crea|créame|traduce|tradúceme|resume|sugiere|sugiéreme|recomienda|recomiéndame|compara|calcula|planifica|reserva|resérvame|revisa|corrige|mejora|lee|envía|envíame|cuéntame|cuenta|cambia|borra|abre|pon|espera|olvida|prepara|organiza|analiza|describe|piensa|intenta|genera|redacta|lista|házmelo|ordena';

export const spanish: Words = {
  language: 'es',
  filler: whole(
    'hola(?: a todos)?|buenos días|buenas(?: tardes| noches)?|qué tal|gracias(?: por [^.]*)?|muchas gracias(?: por [^.]*)?|mil gracias|adiós|chao|hasta (?:luego|mañana|pronto)|ok|vale|sí|si|no|claro|exacto|correcto|bien|muy bien|genial|perfecto|estupendo|excelente|fantástico|guay|vaya|ah|eh|mm+|entendido|entiendo|lo entiendo|de acuerdo|de nada|no hay problema|no sé|no lo sé|no estoy segur[oa]|suena (?:bien|genial|perfecto)|me parece (?:bien|genial|perfecto|una buena idea)|me gusta(?: la idea)?|(?:eso |esto )?(?:es|está|fue|parece)(?: muy| todo)? (?:bien|genial|bueno|perfecto|interesante|útil|correcto|cierto|gracioso)|cómo estás|mucho gusto|encantad[oa]|un momento|a ver|tengo una (?:pregunta|duda)(?: sobre [^.]*)?|estoy bien|eso es todo|creo que (?:sí|no)|qué (?:bien|pena|interesante)|buen día',
  ),
  question: starts(
    `¿|${beforeIt}(?:(?:qué|quién|quiénes|dónde|adónde|cuándo|cómo|cuál|cuáles|cuánto|cuánta|cuántos|cuántas|por qué|para qué) \\p{L}+|me pregunto|quisiera saber|me gustaría saber|quiero saber|(?:puedes|podrías|puede|podría|sabes|conoces|hay alg))`,
  ),
  request: starts(
    `${beforeIt}(?:por favor|(?:puedes|podrías|puede|podría|me puedes|me podrías)|(?:${commands})(?! (?:es|está|son|era) )|(?:necesito|quiero|quisiera|me gustaría)(?: que| tu ayuda| ayuda| saber| un (?:poema|ejemplo|resumen|texto|correo|consejo)| una (?:lista|historia|receta|idea|traducción|explicación|sugerencia)| ideas| consejos)|vamos a ver|déjame|debes)`,
  ),
  hypothetical: holds('^(?:si|supón|supongamos|imagina|imagínate)|ojalá|como si'),
  joke: /(?<!\p{L})(?:es broma|era broma|bromeo|jaja(?:ja)*|jeje|lol)(?!\p{L})|[😂🤣😜]/iu,
  remember: leads(
    `${beforeIt}(?:(?:puedes|podrías) )?(?:recuerda|recordar|acuérdate(?: de)?|ten en cuenta|tenga en cuenta|anota|apunta|guarda|memoriza|no olvides|no te olvides de|para que (?:lo )?sepas|para tu información)(?:,? por favor| bien| esto| lo siguiente)*(?:,? que)?`,
  ),
  lead: leads(
    'bueno|pues|ah|oye|por cierto|además|y|pero|también|de todos modos|la verdad es que|la verdad|como te dije|ya te dije que|quería decirte que|te cuento que|desgraciadamente|lamentablemente|por suerte',
    'ok|vale|hola(?: a todos)?|sí|claro|gracias|genial|perfecto|una cosa más|buenos días|buenas tardes|buenas noches|buenas',
  ),
  correction: leads(
    'en realidad|de hecho|quise decir(?: que)?|quería decir(?: que)?|me equivoqué|me he equivocado|corrección|mejor dicho',
    'no|espera|perdón|perdona|eso (?:no es|está|es) (?:correcto|mal|cierto|falso)|ya no es (?:así|cierto)|cambio de planes|digo',
  ),
  change: holds(
    'ahora|ya no|en vez de|en lugar de|desde (?:hoy|ayer|hace poco)|a partir de ahora|en realidad|de hecho|me mudé|me he mudado|mudado|cambié|cambió|cambiado|ha cambiado|se pospuso|se movió|se trasladó|nuev[oa]s?|quise decir|dejé de|antes|vendí|reemplacé|renuncié|actualmente|hoy en día|pasé a',
  ),
  firstPerson: holds(
    'yo|mi|mis|me|mí|conmigo|nosotros|nosotras|nuestro|nuestra|nuestros|nuestras|nos|soy|estoy|tengo|vivo|trabajo|quiero|prefiero|odio|amo|uso|voy|fui|he|hemos|nací|estudio|hablo|viajo|planeo|necesito|compré|empecé|dejé|cambié|suelo|puedo|como(?= (?:carne|pescado|en|poco|mucho))|somos|tenemos|vivimos|trabajamos|usamos|viajaremos|viajaré|iré|iremos|detesto|bebo|juego|toco|conduzco|aprendo|estoy|cumplo|llevo',
  ),
  backward: starts(
    '(?:y |pero )?(?:él|ella|ellos|ellas|eso|esto|este|esta|ese|esa|su|sus|allí|ahí|ambos|lo|le|les|tiene|es|está)',
  ),
  turning: starts(
    '(?:(?:ok|vale|gracias|genial|y|bueno)[,.! ]+)*(?:otra (?:cosa|pregunta)|cambiando de tema|otro tema|por cierto|por otro lado|además|una cosa más|hablando de otra cosa|ahora (?:sobre|con))',
  ),
  confirmation: starts(
    'sí|exacto|correcto|así es|claro|de acuerdo|vale|perfecto|me parece bien|suena bien|hazlo|adelante|genial|eso es',
  ),
  outcome: holds(
    '(?:he|hemos)(?: ya)? (?:reservado|creado|programado|desplegado|arreglado|enviado|pedido|actualizado|cancelado|guardado|movido|cambiado|añadido|eliminado|instalado|configurado|publicado|resuelto|decidido)|(?:está|están|ha sido|fue|han sido|quedó) (?:reservad|confirmad|cread|programad|arreglad|enviad|cancelad|guardad|instalad|configurad|publicad|resuelt|aprobad|rechazad)[oa]s?|número de (?:confirmación|pedido|reserva|ticket)|(?:la causa|el problema|el motivo|el error|la solución) (?:es|era|fue)|decidimos',
  ),
  claimed: holds(
    '(?:eres|tienes|vives|trabajas|prefieres|te gusta|quieres|necesitas|usas)|tus? \\p{L}+ (?:es|son|está)|(?:sugiero|recomiendo|propongo)|vamos a|deberíamos',
  ),
  clauses:
    /(?:,|;)?\s+(?:y|pero)\s+(?=(?:yo|mi|mis|me|soy|tengo|vivo|trabajo|prefiero|estoy|nuestro|nuestra)(?!\p{L}))|,\s+(?=(?:puedes|podrías|por favor|qué |cómo |dónde |cuál|¿|recomiénda|sugiére))|\s*;\s+|,?\s+(?=¿)/iu,
  shared: /^(?<subject>Yo) (?<one>\S.*?),? y (?<two>(?:vivo|trabajo|tengo|soy|hablo) .+)$/u,
  verb: holds(
    '\\p{L}{2,}(?:o|a|e|as|es|an|en|é|ó|amos|emos|imos|oy|ado|ido)|es|son|soy|era|fue|va|voy|he|ha',
  ),
  reason:
    /^(?:como|ya que|dado que|puesto que)\s+(?<because>(?:yo |soy|tengo|vivo|estoy|no |mi )[^,]{4,}),\s+(?<rest>.{6,})$/iu,
  tag: /,?\s*(?:¿?\s*(?:verdad|no|recuerdas|cierto|vale)\s*\?|gracias|por favor)\s*[.!]*$/iu,
  definite: starts(
    '(?:el|la|los|las|un|una|este|esta|cada|todos|todas|su|sus|nuestro|nuestra|hay)(?= \\S+ \\S)',
  ),
  success: holds(
    '(?:ya )?(?:funciona|funcionó|sirvió|se arregló|se solucionó|quedó)(?! mal)|problema resuelto|solucionado|resuelto|gracias|perfecto|justo lo que|eso es todo|excelente|genial|todo bien',
  ),
  abandoned: holds(
    'olvídalo|déjalo|da igual|no importa|me rindo|lo haré (?:yo|luego|más tarde)|ya no (?:lo )?necesito|dejémoslo|no vale la pena',
  ),
  failure: holds(
    'no (?:funciona|funcionó|sirve|arranca|compila|ayuda|va)|sigue (?:sin|fallando|igual|mal)|error|falla|falló|fallo|roto|excepción|incorrecto|denegado|rechazado|no encontrado|inválido',
  ),
  negation: holds('no|nunca|jamás|nada|sin|tampoco|odio|detesto|dejé|dejado|evito'),
  former: /(?:de|en vez de|en lugar de) (?<former>[\p{L}\p{N}.-]+)/iu,
  exclusive: holds(
    'favorit[oa]s?|preferid[oa]s?|nombre|dirección|teléfono|correo|número|cumpleaños|plazo|presupuesto|precio|alquiler|sueldo|color|contraseña|versión|tamaño|zona horaria|fecha|estado|título|profesión|edad|meta',
  ),
  past: holds('fui|fue|estuve|visité|compré|nació|nací|vi|hice|\\p{L}+(?:é|ó)'),
  subject:
    /^(?<subject>(?:[Mm]is?|[Ee]l|[Ll]as?|[Ll]os|[Nn]uestr[oa]s?|[Ss]us?|(?!(?:Me|Yo|Ya|No|Ahora|Vivo|Tengo|Soy|Como|Nos) )\p{Lu}\p{L}+) .*?) (?:es|son|está|están|era|fue|será|ha|han|tiene|vive|trabaja|se|le|no|\p{Ll}{2,}(?:a|e|ó|n))(?!\p{L})/u,
  preferences: [
    { form: holds('(?:prefiero|preferiría|preferimos|prefiere|favorit[oa]s?|preferid[oa]s?)') },
    {
      form: holds(
        '(?:me|nos) (?:gusta|gustan|encanta|encantan|fascina|molesta|molestan|disgusta)|odio|detesto|adoro|amo|disfruto|no soporto|aficionad[oa] a|fan de',
      ),
    },
    {
      form: holds(
        '(?:siempre|nunca|solo|sólo|normalmente|suelo|jamás)(?: \\p{L}+){0,2} (?:como|bebo|viajo|vuelo|uso|trabajo|leo|tomo|desayuno|compro|voy|veo|escucho|corro|juego)|no (?:como|bebo|tomo|uso|fumo|veo|quiero)|suelo',
      ),
    },
    {
      form: holds(
        'vegan[oa]s?|vegetarian[oa]s?|alérgic[oa]s?|alergias?|celíac[oa]s?|sin gluten|intolerante|intolerancia|halal|kosher',
      ),
      category: 'diet',
    },
    {
      form: holds(
        '(?:responde|respóndeme|contesta|contéstame|escríbeme|escribe|háblame|habla)(?: \\p{L}+){0,2} (?:en (?:español|inglés|francés|alemán|viñetas|pocas)|breve|brevemente|siempre|corto|formal|sin)|siempre (?:responde|contesta|escribe)|respuestas (?:cortas|breves|largas)|llámame|tutéame|trátame|sin emojis|a partir de ahora',
      ),
      category: 'communication',
    },
    { form: holds('(?:uso|utilizo|programo en|trabajo con)|mi (?:editor|navegador)'), category: 'tools' },
    { form: holds('(?:asiento|lado) (?:de |del )?(?:ventana|ventanilla|pasillo)'), category: 'travel' },
  ],
  synonyms: groups(
    'gusta encanta',
    'coche carro auto',
    'odio detesto',
    '2 dos',
    '3 tres',
    '4 cuatro',
    '5 cinco',
  ),
  common: set(
    'el la los las un una unos unas y o pero si que de del al a en con por para sin sobre entre hasta desde como es son era fue ser está están estar estoy soy eres somos he ha han hemos había hay yo mi mis me mí tú tu tus te él ella su sus se lo le les nos nuestro nuestra nosotros ellos ellas esto eso este esta ese esa estos estas qué quién dónde cuándo cómo cuál también solo muy más menos ya aún no sí hola gracias favor bien todo toda todos todas algo cada porque pues cuando donde ahora',
  ),
  dull: set(
    'hacer hace puedo puedes puede quiero necesito bueno buena nuevo nueva hoy mañana ayer año años día días tiempo favor pregunta quizás mucho muchos creo pienso saber recomienda recomiendo ayuda gustaría',
  ),
  stem: (word) => (word.length > 4 ? word.replace(/(?<=[^aeiouáéíóú])es$|s$/, '') : word),
};
