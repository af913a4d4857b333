package law_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"letterlock/law"
)

// spokenDemand is a sentence as an order writes it, and what it raises.
type spokenDemand struct {
	text string
	id   law.FindingID
}

var demands = []spokenDemand{
	{"La empresa deberá debilitar el cifrado e instalar una puerta trasera.", "SYS.WEAKEN"},
	{"Se ordena instalar una PUERTA TRASERA en la aplicación.", "SYS.WEAKEN"},
	{"Se requiere entregar las claves de cifrado.", "SYS.KEYS"},
	{"Añadir al grupo un participante invisible.", "SYS.GHOST"},
	{"Agregar a la cuenta un dispositivo sin avisar al titular.", "SYS.GHOST"},
	{"Deberá identificar al primer emisor y la cadena de reenvíos.", "SYS.TRACE"},
	{"Escanear todos los mensajes antes de su envío.", "SYS.SCAN"},
	{"Enviar al investigado una versión modificada de la aplicación.", "SYS.UPDATE"},
	{"Facilitará acceso directo a todos sus servidores.", "SYS.DIRECT_ACCESS"},
	{"Conservar los registros de todos los usuarios.", "SYS.RETAIN"},
	{"Deberá aplazar la corrección hasta nuevo aviso.", "SYS.DELAY_FIX"},
	{"Almacenar los datos en el territorio nacional.", "SYS.LOCALISE"},
	{"يجب على الشركة إضعاف التشفير وتركيب باب خلفي.", "SYS.WEAKEN"},
	{"يتعين وتثبيت الباب الخلفي في التطبيق", "SYS.WEAKEN"},
	{"تلتزم الشركة بإضعاف تشفيركم", "SYS.WEAKEN"},
	{"تسليم مفاتيح التشفير إلى المحكمة", "SYS.KEYS"},
	{"تسليمنا كلمة السر ومفاتيح تشفيرها", "SYS.KEYS"},
	{"إضافة مشارك صامت إلى المجموعة", "SYS.GHOST"},
	{"تحديد المرسل الأول للرسالة", "SYS.TRACE"},
	{"فحص المحتوى على أجهزة المستخدمين", "SYS.SCAN"},
	{"إرسال نسخة معدلة من التطبيق", "SYS.UPDATE"},
	{"الوصول المباشر إلى جميع خوادم الشركة", "SYS.DIRECT_ACCESS"},
	{"الاحتفاظ بسجلات جميع المستخدمين", "SYS.RETAIN"},
	{"تأخير التحديث حتى إشعار آخر", "SYS.DELAY_FIX"},
	{"تخزين البيانات داخل البلد", "SYS.LOCALISE"},
}

// spellings are the ways in which the same words reach us.
var spellings = map[string]func(string) string{
	"as written":     func(s string) string { return s },
	"in capitals":    strings.ToUpper,
	"composed":       norm.NFC.String,
	"decomposed":     norm.NFD.String,
	"without accent": func(s string) string { return strings.Map(withoutMarks, norm.NFD.String(s)) },
	"bare Arabic":    strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "ة", "ه", "ى", "ي").Replace,
	"with vowels":    strings.NewReplacer("ف", "فَ", "ل", "لْ", "ت", "تّ").Replace,
	"drawn out":      strings.NewReplacer("ف", "فـ", "تش", "تـش").Replace,
	"with unseen":    strings.NewReplacer("a", "a\u200b", "ب", "ب\u200d").Replace,
}

func withoutMarks(r rune) rune {
	if unicode.Is(unicode.Mn, r) {
		return -1
	}
	return r
}

func TestADemandToWeakenIsHeardInSpanishAndArabic(t *testing.T) {
	for _, d := range demands {
		for how, spell := range spellings {
			if got := law.Judge(nil, saying(t, spell(d.text))); !has(got, d.id) {
				t.Errorf("%s: %q raises %v, want %s", how, d.text, ids(got), d.id)
			} else if f := found(got, d.id); f.Decided {
				t.Errorf("%q: words alone decided", d.text)
			}
		}
	}
}

// Every finding that words can raise in English is demanded in Spanish and in
// Arabic, here or in scopeDemands.
func TestWhatWordsRaiseIsDemandedInBothLanguages(t *testing.T) {
	all := slices.Concat(demands, scopeDemands)
	for id := range law.Phrases(law.Default()) {
		for _, script := range []*unicode.RangeTable{unicode.Latin, unicode.Arabic} {
			if !slices.ContainsFunc(all, func(d spokenDemand) bool {
				return d.id == id && unicode.Is(script, []rune(d.text)[0])
			}) {
				t.Errorf("%s has no demand in one of the languages", id)
			}
		}
	}
}

func TestALongHostileArabicTextIsReadInTime(t *testing.T) {
	start := time.Now()
	law.Judge(nil, saying(t, strings.Repeat("والاحتفاظ وفحص تخزين ", 100_000)))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestASecrecyAboutWeakeningIsHeardInSpanishAndArabic(t *testing.T) {
	for _, text := range []string{"instalar una puerta trasera", "تركيب باب خلفي"} {
		d := saying(t, text)
		d.Gag = order(on(12, 1))
		if got := ids(law.Judge(nil, d)); !slices.Equal(got, []law.FindingID{"GAG.WEAKEN", "SYS.WEAKEN"}) {
			t.Errorf("%q raises %v", text, got)
		}
	}
}

// Words that are near to a phrase, and whole orders of the ordinary kind.
var unheard = []string{
	"La clave del caso es el testimonio.",
	"El acusado entró por la puerta trasera del edificio.",
	"Los agentes vigilan la puerta trasera del edificio y la clave de acceso.",
	"Los mensajes cifrados no se solicitan. Consta la trazabilidad de la prueba.",
	"El usuario oculto tras el número; la actualización del expediente.",
	"دخل المتهم من الباب الخلفي للمبنى.",
	"مفتاح القضية هو الشاهد، والمفتاح الخاص بالشقة.",
	"الرسائل المشفرة غير مطلوبة، وتطبيق القانون المعدل.",
	"كانت ردة فعل الشاهد سريعة، ووزنا الطرد، وصدر بيان صحفي.",
	"الوصول غير المشروع عن بعد إلى أنظمة المصرف",
	`El Juzgado de Instrucción número 3 de Madrid, en las diligencias previas 1234/2026 por un delito de estafa, ACUERDA
requerir a la empresa para que facilite los datos del titular de la cuenta vinculada al número +34 600 000 000: fecha de alta,
fecha de la última conexión y nombre de usuario. Los datos se entregarán por el portal en el plazo de diez días, cifrados con
la clave pública del Juzgado. Se conservarán los datos de dicha cuenta hasta nueva orden. Se designa agente de contacto.`,
	`قررت النيابة العامة في القضية رقم 1234 لسنة 2026 بشأن جريمة احتيال تكليف الشركة بتقديم بيانات المشترك صاحب الحساب المرتبط
بالرقم +20 100 000 0000، وتاريخ إنشاء الحساب وتاريخ آخر اتصال واسم المستخدم. تسلم البيانات عبر البوابة خلال عشرة أيام،
مشفرة بالمفتاح العام للنيابة، ويجري حفظ بيانات هذا الحساب إلى حين صدور أمر آخر. ويعين ضابط للتواصل.`,
}

func TestOrdinaryOrdersAndNearMissesAreNotHeardAsDemands(t *testing.T) {
	for _, text := range unheard {
		for how, spell := range spellings {
			if got := law.Judge(nil, saying(t, spell(text))); len(got) != 0 {
				t.Errorf("%s: %q raises %v (%q)", how, text, ids(got), got[0].Note)
			}
		}
	}
}

func TestEveryWordOfTheRightsListsIsHeard(t *testing.T) {
	for _, l := range law.Default().RightsLists() {
		for _, w := range l.Words {
			d := saying(t, strings.ReplaceAll(w, " *", ""))
			if d.Classes = append(d.Classes, law.AccNC); !has(law.Judge(nil, d), l.Finding) {
				t.Errorf("%s: %q is not heard", l.ID, w)
			}
		}
	}
	for text, id := range map[string]law.FindingID{
		"Está acusado de sedicion.":        "RIGHTS.FREE_EXPRESSION",
		"متهم بإهانة الرئيس":               "RIGHTS.FREE_EXPRESSION",
		"متهم بنشر الأخبار الكاذبة":        "RIGHTS.FREE_EXPRESSION",
		"la cuenta de la periodista":       "RIGHTS.REPRISAL",
		"حساب المدافع عن حقوق الإنسان":     "RIGHTS.REPRISAL",
		"miembro de una minoría religiosa": "RIGHTS.PERSECUTION",
	} {
		if f := found(law.Judge(nil, saying(t, text)), id); f == nil || !f.Informs || f.Decided {
			t.Errorf("%q: %+v", text, f)
		}
	}
}
