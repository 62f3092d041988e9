/** What preferences are about, by words of any language; those of writing without spaces may stand within others. */
export const categories: Readonly<Record<string, string>> = {
  food: 'food eat eating cook cooking meal dish pizza pasta sushi spicy meat fish cheese chocolate dessert snack breakfast lunch dinner cuisine restaurant fruit vegetable bread rice soup salad curry steak noodles seafood peanuts nuts shellfish essen esse isst kochen gericht fleisch fisch käse schokolade frühstück restaurant obst gemüse brot reis suppe scharf küche comida comer como cocinar carne pescado queso chocolate desayuno almuerzo cena fruta verdura pan arroz sopa picante postre 吃 菜 饭 肉 鱼 辣 面 水果 甜 火锅 海鲜 花生 食べ 料理 肉 魚 寿司 ラーメン 果物 野菜 辛い 甘い ご飯 朝食',
  drink:
    'drink drinks coffee tea espresso latte wine beer juice water milk soda whisky cocktail trinke trinken kaffee tee wein bier saft wasser milch beber bebo café té vino cerveza jugo agua leche 喝 咖啡 茶 酒 果汁 牛奶 コーヒー お茶 紅茶 ワイン ビール 飲 牛乳',
  diet: 'vegan vegetarian pescatarian gluten lactose dairy halal kosher keto allergic allergy allergies intolerant diet vegetarier vegetarierin glutenfrei laktose allergisch allergie koscher vegano vegana vegetariano vegetariana alérgico alérgica alergia celíaco celíaca 素食 吃素 过敏 清真 ベジタリアン ビーガン アレルギー',
  travel:
    'travel trip flight fly flying hotel hotels seat aisle window train airport vacation holiday beach mountains airline airbnb hostel reise reisen flug fliege fliegen zug bahn urlaub strand berge fensterplatz gangplatz viaje viajar vuelo volar tren playa montaña vacaciones asiento ventanilla pasillo 旅行 飞机 酒店 火车 高铁 海边 靠窗 旅行 飛行機 ホテル 電車 海 窓側 通路側 旅館',
  music:
    'music song songs jazz rock guitar piano band concert listen listening classical playlist musik lied lieder gitarre klavier konzert höre música canción guitarra piano concierto escuchar 音乐 歌 钢琴 吉他 音楽 歌 ギター ピアノ ジャズ',
  film: 'film films movie movies series tv cinema watch watching anime netflix horror comedy documentary filme serie serien kino película películas serie cine 电影 电视剧 动漫 映画 アニメ ドラマ',
  reading:
    'book books read reading novel novels author magazine buch bücher lesen lese roman libro libros leer novela 书 小说 阅读 读书 本 小説 読書',
  sports:
    'sport sports run running swim swimming hike hiking cycling bike football soccer tennis basketball yoga gym workout climbing skiing laufen schwimmen wandern radfahren fußball klettern skifahren deporte correr nadar senderismo fútbol tenis bicicleta gimnasio 运动 跑步 游泳 爬山 足球 篮球 瑜伽 运动 スポーツ ランニング 水泳 登山 サッカー テニス ヨガ',
  games:
    'game games gaming chess puzzle spiel spiele schach juego juegos videojuegos ajedrez 游戏 下棋 ゲーム 将棋',
  technology:
    'python javascript typescript java rust go golang kotlin swift ruby php sql postgres mysql sqlite redis docker kubernetes aws linux windows macos mac vim neovim emacs vscode editor ide code coding programming framework react vue angular django flask terraform git github tabs spaces laptop keyboard api software app browser firefox chrome programmieren programmiere programar programo código tecnología 编程 代码 编辑器 软件 电脑 プログラミング コード エディタ パソコン',
  communication:
    'answer answers reply replies respond response responses explain tone formal informal concise brief short bullet emoji emojis markdown language english german spanish french chinese japanese call email emails phone antworte antworten kurz knapp formell stichpunkte deutsch englisch spanisch duzen siezen responde respuestas breve formal español inglés alemán correo 回答 回复 简短 简洁 中文 英文 称呼 表情 答え 回答 返事 敬語 簡潔 日本語 英語 絵文字',
  work: 'work working meeting meetings office remote morning mornings afternoon afternoons schedule deadline colleagues team project arbeit arbeite büro homeoffice termin termine besprechung projekt trabajo oficina reunión reuniones proyecto equipo 工作 会议 办公室 开会 加班 仕事 会議 在宅 オフィス',
  style:
    'colour color colours colors blue green red black clothes clothing shoes fashion dress design dark light theme farbe farben blau grün rot kleidung schuhe stil color colores azul verde rojo ropa zapatos estilo 颜色 蓝色 绿色 红色 衣服 色 青 緑 赤 服 デザイン',
  pets: 'dog dogs cat cats pet pets puppy kitten hund hunde katze katzen haustier perro perros gato gatos mascota 狗 猫 宠物 犬 猫 ペット',
  health:
    'sleep sleeping meditation smoke smoking alcohol medication doctor exercise schlaf rauche rauchen arzt dormir fumo fumar médico salud 睡 抽烟 健康 医生 睡眠 タバコ 健康 医者',
  shopping:
    'buy buying shop shopping brand brands price cheap expensive online store kaufe kaufen marke preis günstig comprar compro marca precio barato tienda 买 购物 品牌 便宜 買 買い物 ブランド',
};
