import django.core.validators
import django.db.models.deletion
import reserve_portal.core.clock
import reserve_portal.core.crypto
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('candidates', '0001_initial'),
        ('core', '0001_initial'),
        ('papers', '0001_initial'),
        ('regulations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Programme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=250, unique=True, verbose_name='Название')),
                ('section_code', models.SlugField(max_length=60, verbose_name='Направление (код)')),
                ('organiser', models.CharField(max_length=250, verbose_name='Кто проводит')),
                ('hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Часов')),
                ('is_active', models.BooleanField(default=True, verbose_name='Предлагать')),
            ],
            options={
                'verbose_name': 'Программа обучения',
                'verbose_name_plural': 'Каталог программ',
                'ordering': ['section_code', 'name'],
            },
        ),
        migrations.CreateModel(
            name='Procedure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='Название')),
                ('starts_at', models.DateTimeField(verbose_name='Начало')),
                ('ends_at', models.DateTimeField(verbose_name='Конец')),
                ('place', models.CharField(max_length=300, verbose_name='Где проходит (адрес платформы)')),
                ('instructions', models.TextField(blank=True, verbose_name='Инструкция для кандидата')),
                ('threshold_percent', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='Порог, % от максимума')),
                ('green_percent', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='Граница зелёной зоны, %')),
                ('attempt', models.CharField(default='best', max_length=5, verbose_name='Какая попытка засчитывается')),
                ('ranking', models.CharField(choices=[('group', 'в своей целевой группе'), ('everybody', 'среди всех участников процедуры')], default='group', max_length=9, verbose_name='Как считаются места')),
                ('shows', models.CharField(choices=[('passed', 'пройден порог или нет'), ('points', 'сумма баллов'), ('sections', 'баллы по направлениям')], default='sections', max_length=8, verbose_name='Что видит кандидат')),
                ('sample_questions', models.TextField(blank=True, verbose_name='Примерные вопросы')),
                ('questions_published_at', models.DateTimeField(blank=True, null=True, verbose_name='Вопросы опубликованы')),
                ('state', models.CharField(choices=[('draft', 'готовится'), ('scheduled', 'назначена'), ('open', 'идёт'), ('ended', 'закончена'), ('closed', 'итоги подведены')], default='draft', max_length=10, verbose_name='Состояние')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='procedures', to='candidates.campaign', verbose_name='Набор')),
            ],
            options={
                'verbose_name': 'Процедура оценки',
                'verbose_name_plural': 'Процедуры оценки',
                'ordering': ['-starts_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='procedure_runs_forward', violation_error_message='Конец процедуры должен быть позже начала.'), models.CheckConstraint(condition=models.Q(('green_percent', None), ('green_percent__gte', models.F('threshold_percent')), _connector='OR'), name='procedure_green_not_below_threshold', violation_error_message='Граница зелёной зоны не может быть ниже порога.')],
            },
        ),
        migrations.CreateModel(
            name='MoodleService',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=300, verbose_name='Адрес Moodle')),
                ('token', reserve_portal.core.crypto.SealedField(verbose_name='Токен')),
                ('course', models.PositiveIntegerField(verbose_name='Номер курса')),
                ('quiz', models.CharField(blank=True, max_length=250, verbose_name='Тест')),
                ('changed_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Указан')),
                ('changed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кем указан')),
                ('procedure', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='moodle_service', to='assessment.procedure', verbose_name='Процедура')),
            ],
            options={
                'verbose_name': 'Веб-служба Moodle',
                'verbose_name_plural': 'Веб-службы Moodle',
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('invited_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Приглашён')),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='candidates.applicationtrack', verbose_name='Кандидат')),
                ('procedure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='assessment.procedure', verbose_name='Процедура')),
            ],
            options={
                'verbose_name': 'Приглашение',
                'verbose_name_plural': 'Приглашения',
                'constraints': [models.UniqueConstraint(fields=('procedure', 'track'), name='invited_once')],
            },
        ),
        migrations.CreateModel(
            name='ImportDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(upload_to='imports/drafts/%Y/%m', verbose_name='Файл')),
                ('name', models.CharField(max_length=200, verbose_name='Имя файла')),
                ('uploaded_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Загружен')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='core.job', verbose_name='Задание')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кем загружен')),
                ('procedure', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='assessment.procedure', verbose_name='Процедура')),
            ],
            options={
                'verbose_name': 'Файл на проверке',
                'verbose_name_plural': 'Файлы на проверке',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='ConfirmedMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=254, verbose_name='Адрес или номер в файле')),
                ('name', models.CharField(max_length=300, verbose_name='Имя в файле')),
                ('confirmed_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Подтверждено')),
                ('confirmed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кем подтверждено')),
                ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='confirmed_matches', to='assessment.invitation', verbose_name='Кандидат')),
                ('procedure', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='confirmed_matches', to='assessment.procedure', verbose_name='Процедура')),
            ],
            options={
                'verbose_name': 'Подтверждённое соответствие',
                'verbose_name_plural': 'Подтверждённые соответствия',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('procedure', 'key'), name='match_once_per_key')],
            },
        ),
        migrations.CreateModel(
            name='BordersDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=60, verbose_name='Номер решения')),
                ('dated', models.DateField(verbose_name='Дата решения')),
                ('file', models.FileField(blank=True, upload_to='borders/%Y/%m', verbose_name='Файл решения')),
                ('approved', models.JSONField(default=dict, verbose_name='Что утверждено')),
                ('recorded_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Внесено')),
                ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regulations.bodyrule', verbose_name='Орган')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Внёс')),
                ('procedure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='borders_decisions', to='assessment.procedure', verbose_name='Процедура')),
            ],
            options={
                'verbose_name': 'Решение о границах',
                'verbose_name_plural': 'Решения о границах',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Result',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('points', models.DecimalField(decimal_places=7, max_digits=12, validators=[django.core.validators.MinValueValidator(0)], verbose_name='Баллы')),
                ('maximum', models.DecimalField(decimal_places=4, max_digits=12, verbose_name='Максимум')),
                ('passed', models.BooleanField(verbose_name='Порог пройден')),
                ('zone', models.CharField(choices=[('green', 'Зелёная'), ('yellow', 'Жёлтая'), ('red', 'Красная')], max_length=6, verbose_name='Зона')),
                ('rank', models.PositiveIntegerField(null=True, verbose_name='Место')),
                ('updated_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Внесён')),
                ('procedure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='assessment.procedure', verbose_name='Процедура')),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='candidates.applicationtrack', verbose_name='Кандидат')),
            ],
            options={
                'verbose_name': 'Результат',
                'verbose_name_plural': 'Результаты',
                'ordering': ['rank', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='LearningRoute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('deficits', models.TextField(verbose_name='Дефициты')),
                ('words', models.TextField(blank=True, verbose_name='Рекомендации')),
                ('possible_from', models.DateField(verbose_name='Включение возможно с')),
                ('state', models.CharField(choices=[('draft', 'проект'), ('sent', 'отправлен')], default='draft', max_length=5, verbose_name='Состояние')),
                ('track', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='route', to='candidates.applicationtrack')),
                ('result', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='assessment.result')),
            ],
            options={
                'verbose_name': 'Индивидуальный образовательный маршрут',
                'verbose_name_plural': 'Индивидуальные образовательные маршруты',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='ExpertConclusion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('results', models.JSONField(default=dict, verbose_name='Результаты оценки')),
                ('zone', models.CharField(choices=[('green', 'Зелёная'), ('yellow', 'Жёлтая'), ('red', 'Красная')], max_length=6, verbose_name='Зона')),
                ('deficits', models.TextField(blank=True, verbose_name='Профессиональные дефициты')),
                ('development', models.TextField(blank=True, verbose_name='Направления и способы развития')),
                ('recommended', models.BooleanField(verbose_name='Включение целесообразно')),
                ('reason', models.TextField(blank=True, verbose_name='Почему рекомендация иная')),
                ('state', models.CharField(choices=[('draft', 'проект'), ('ready', 'подписано'), ('approved', 'утверждено')], default='draft', max_length=8, verbose_name='Состояние')),
                ('approval', models.CharField(blank=True, max_length=300, verbose_name='Чем утверждено')),
                ('paper', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='papers.issuedpaper', verbose_name='Документ')),
                ('result', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='conclusion', to='assessment.result', verbose_name='Результат')),
            ],
            options={
                'verbose_name': 'Экспертное заключение',
                'verbose_name_plural': 'Экспертные заключения',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='С чем не согласны')),
                ('filed_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Подана')),
                ('state', models.CharField(choices=[('filed', 'рассматривается'), ('upheld', 'удовлетворена'), ('rejected', 'отклонена'), ('taken_back', 'отозвана')], default='filed', max_length=10, verbose_name='Состояние')),
                ('answer', models.TextField(blank=True, verbose_name='Ответ')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='Отвечено')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кто ответил')),
                ('result', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='assessment.result', verbose_name='Результат')),
            ],
            options={
                'verbose_name': 'Апелляция',
                'verbose_name_plural': 'Апелляции',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'filed')), fields=('result',), name='one_open_appeal_per_result', violation_error_message='Апелляция уже рассматривается.'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['upheld', 'rejected']), _negated=True), models.Q(('answer', ''), _negated=True), _connector='OR'), name='appeal_answered_with_words', violation_error_message='Ответ на апелляцию не может быть пустым.')],
            },
        ),
        migrations.CreateModel(
            name='ResultImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(upload_to='imports/%Y/%m', verbose_name='Файл')),
                ('name', models.CharField(max_length=200, verbose_name='Имя файла')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('summary', models.JSONField(default=dict, verbose_name='Итог')),
                ('imported_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Загружен')),
                ('imported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кем загружен')),
                ('procedure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='assessment.procedure', verbose_name='Процедура')),
            ],
            options={
                'verbose_name': 'Загрузка результатов',
                'verbose_name_plural': 'Загрузки результатов',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='result',
            name='source',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='assessment.resultimport', verbose_name='Откуда'),
        ),
        migrations.CreateModel(
            name='RouteItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section_name', models.CharField(max_length=250, verbose_name='Направление')),
                ('programme', models.CharField(max_length=250, verbose_name='Программа или мероприятие')),
                ('organiser', models.CharField(blank=True, max_length=250, verbose_name='Кто проводит')),
                ('hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Часов')),
                ('route', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='assessment.learningroute')),
            ],
            options={
                'verbose_name': 'Пункт маршрута',
                'verbose_name_plural': 'Пункты маршрута',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Section',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=60, verbose_name='Код')),
                ('name', models.CharField(max_length=250, verbose_name='Направление')),
                ('kind', models.CharField(choices=[('test', 'тест'), ('case', 'кейс'), ('expert_sheet', 'экспертный лист'), ('defence', 'защита')], default='test', max_length=12, verbose_name='Вид')),
                ('maximum', models.DecimalField(decimal_places=2, max_digits=8, verbose_name='Максимум баллов')),
                ('weight', models.DecimalField(decimal_places=2, default=Decimal('1'), max_digits=5, verbose_name='Вес')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='Порядок')),
                ('column', models.TextField(blank=True, verbose_name='Столбцы выгрузки')),
                ('procedure', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sections', to='assessment.procedure', verbose_name='Процедура')),
            ],
            options={
                'verbose_name': 'Направление',
                'verbose_name_plural': 'Направления',
                'ordering': ['order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('procedure', 'code'), name='section_once_per_procedure'), models.CheckConstraint(condition=models.Q(('maximum__gt', 0)), name='section_maximum_positive', violation_error_message='Максимум должен быть больше нуля.'), models.CheckConstraint(condition=models.Q(('weight__gt', 0)), name='section_weight_positive', violation_error_message='Вес должен быть больше нуля.')],
            },
        ),
        migrations.CreateModel(
            name='ExpertSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('points', models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='Баллы')),
                ('comment', models.TextField(blank=True, verbose_name='Обоснование')),
                ('deficits', models.TextField(blank=True, verbose_name='Профессиональные дефициты')),
                ('development', models.TextField(blank=True, verbose_name='Направления и способы развития')),
                ('recommended', models.BooleanField(blank=True, null=True, verbose_name='Включение целесообразно')),
                ('state', models.CharField(choices=[('given', 'у эксперта'), ('handed_in', 'сдан'), ('declined', 'эксперт отказался'), ('recalled', 'отозван')], default='given', max_length=10, verbose_name='Состояние')),
                ('given_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Передан')),
                ('handed_in_at', models.DateTimeField(blank=True, null=True, verbose_name='Сдан')),
                ('end_reason', models.CharField(blank=True, max_length=1000, verbose_name='Почему не сдан')),
                ('expert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='expert_sheets', to=settings.AUTH_USER_MODEL, verbose_name='Эксперт')),
                ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='assessment.invitation', verbose_name='Кандидат')),
                ('section', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='assessment.section', verbose_name='Направление')),
            ],
            options={
                'verbose_name': 'Экспертный лист',
                'verbose_name_plural': 'Экспертные листы',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['given', 'handed_in'])), fields=('section', 'invitation', 'expert'), name='sheet_once_per_expert', violation_error_message='Этот лист эксперту уже передан.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'handed_in'), _negated=True), ('points__isnull', False), _connector='OR'), name='sheet_handed_in_with_points', violation_error_message='В сданном листе должны быть баллы.')],
            },
        ),
        migrations.CreateModel(
            name='SectionScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('points', models.DecimalField(decimal_places=7, max_digits=12, verbose_name='Баллы')),
                ('numerator', models.BigIntegerField(blank=True, null=True, verbose_name='Числитель')),
                ('denominator', models.PositiveIntegerField(blank=True, null=True, verbose_name='Знаменатель')),
                ('result', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='assessment.result')),
                ('section', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='assessment.section')),
            ],
            options={
                'verbose_name': 'Баллы по направлению',
                'verbose_name_plural': 'Баллы по направлениям',
                'ordering': ['section__order'],
                'constraints': [models.UniqueConstraint(fields=('result', 'section'), name='score_once_per_section')],
            },
        ),
        migrations.CreateModel(
            name='WaitingScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('points', models.DecimalField(decimal_places=7, max_digits=12, verbose_name='Баллы')),
                ('numerator', models.BigIntegerField(blank=True, null=True, verbose_name='Числитель')),
                ('denominator', models.PositiveIntegerField(blank=True, null=True, verbose_name='Знаменатель')),
                ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waiting_scores', to='assessment.invitation')),
                ('section', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='assessment.section')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='assessment.resultimport')),
            ],
            options={
                'verbose_name': 'Баллы до полного результата',
                'verbose_name_plural': 'Баллы до полного результата',
                'ordering': ['section__order'],
                'constraints': [models.UniqueConstraint(fields=('invitation', 'section'), name='waiting_score_once_per_section')],
            },
        ),
        migrations.AddConstraint(
            model_name='result',
            constraint=models.UniqueConstraint(fields=('procedure', 'track'), name='result_once'),
        ),
        migrations.AddConstraint(
            model_name='result',
            constraint=models.CheckConstraint(condition=models.Q(('points__gte', 0), ('points__lte', models.F('maximum'))), name='result_within_maximum'),
        ),
    ]
